// Bad input of every kind: status 1 or 2, one clear line that names the file, nothing half-written.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <set>

#include "failures.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

std::set<fs::path> files_in(const fs::path& folder) {
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) files.insert(entry.path());
  return files;
}

TEST(BadInput, ResultsFiles) {
  const fs::path folder = fresh_folder("bad_results");
  const std::string good = file_text(good_results());
  const BadText files[] = {
      {"empty", "", "empty"},
      {"cut", good.substr(0, good.size() / 2), "truncated"},
      {"object", R"({"a": 1})", "expected an array"},
      {"typed", R"([{"question_id": "1", "answer": "yes"}])", "found the string \"1\""},
      {"number", R"([{"question_id": 1, "answer": 3}])", "answer"},
      {"field", R"([{"question_id": 1}])", "answer"},
      {"foreign", R"([{"question_id": 1, "answer": "yes"}])", "question_id 1 is not in"},
      {"few", good.substr(0, good.find('}') + 1) + "]", "31 of 32 questions have none"},
      {"utf8", "[{\"question_id\": 1, \"answer\": \"\xFF\"}]", "byte"},
      {"after", good + "[]", "byte"},
      {"deep", "[{\"question_id\": " + std::string(100000, '['), "expected"},
  };
  for (const BadText& file : files) {
    const fs::path path = folder / (file.name + ".json");
    write_text(path, file.text);
    expect_failure({"score", "--questions", workbench().questions(), "--annotations",
                    workbench().annotations(), "--results", path},
                   {file.name + ".json", file.said});
  }
  expect_failure({"score", "--questions", workbench().questions(), "--annotations",
                  workbench().annotations(), "--results", folder / "missing.json"},
                 {"missing.json", "No such file"});
  expect_failure({"score", "--questions", workbench().questions(), "--annotations",
                  workbench().annotations(), "--results", folder},
                 {folder.filename(), "directory"});
}

TEST(BadInput, QuestionsAndAnnotationsFiles) {
  const fs::path data = dataset_copy("bad_questions");
  const fs::path questions = data / fs::path(workbench().questions()).filename();
  const fs::path annotations = data / fs::path(workbench().annotations()).filename();
  const std::string good_questions = file_text(questions),
                    good_annotations = file_text(annotations);
  const auto replaced = [](std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return at == std::string::npos ? text : text.replace(at, what.size(), by);
  };
  const BadText bad_questions[] = {
      {"", "", "empty"},
      {"", good_questions.substr(0, 1000), "truncated"},
      {"", "[]", "questions"},
      {"", R"({"questions": {}})", "questions"},
      {"", R"({"questions": [{"image_id": 1, "question": "?"}]})", "question_id"},
      {"", replaced(good_questions, "\"image_id\":", "\"image_id\":9"), "image_id"},
  };
  for (const BadText& bad : bad_questions) {
    write_text(questions, bad.text);
    expect_failure(evaluation(data, workbench().model), {"val2014", bad.said});
  }
  write_text(questions, good_questions);
  const BadText bad_annotations[] = {
      {"", "", "empty"},
      {"", good_annotations.substr(0, 5000), "truncated"},
      {"", R"({"annotations": []})", "no annotation of question"},
      {"", replaced(good_annotations, "\"question_id\":", "\"question_id\":777"),
       "question_id 777"},
      {"", replaced(good_annotations, "\"answers\":", "\"replies\":"), "answers"},
  };
  for (const BadText& bad : bad_annotations) {
    write_text(annotations, bad.text);
    expect_failure(evaluation(data, workbench().model),
                   {annotations.filename().string(), bad.said});
  }
}

TEST(BadInput, Folders) {
  const fs::path empty = fresh_folder("empty_folder");
  expect_failure(evaluation(empty / "missing", workbench().model), {"missing", "No such file"});
  expect_failure(evaluation(empty, workbench().model), {"empty_folder", "no questions"});
  expect_failure({"eval", "--quiet", "--data", workbench().data, "--split", "dev", "--model",
                  workbench().model},
                 {"no split \"dev\"", "train2014"});
  expect_failure({"eval", "--quiet", "--data", workbench().data, "--split", "test", "--model",
                  workbench().model},
                 {"test2015", "annotations"});
  const fs::path data = dataset_copy("no_val");
  fs::remove(data / fs::path(workbench().questions()).filename());
  expect_failure({"train", "--quiet", "--data", data, "--out", empty / "m.safetensors"},
                 {"no split \"val\"", "--val-split none"});
  EXPECT_TRUE(files_in(empty).empty());
}

TEST(BadInput, Pictures) {
  const fs::path data = dataset_copy("bad_pictures");
  const fs::path picture = fs::directory_iterator(data / "val2014")->path();
  const std::string name = picture.filename();
  const std::string good = file_text(picture);
  std::string huge = good;  // The width and height in a PNG's header, big-endian.
  std::memcpy(huge.data() + 16, "\x00\x01\x00\x00\x00\x01\x00\x00", 8);
  std::string flat = good;
  std::memcpy(flat.data() + 16, "\x00\x00\x00\x00", 4);
  const BadText pictures[] = {
      {"empty", "", ""},
      {"cut", good.substr(0, good.size() / 2), ""},
      {"start", good.substr(0, 20), ""},
      {"text", "this is no picture", ""},
      {"huge", huge, ""},
      {"flat", flat, ""},
  };
  for (const BadText& bad : pictures) {
    SCOPED_TRACE(bad.name);
    write_text(picture, bad.text);
    expect_failure(evaluation(data, workbench().model), {name});
  }
  fs::remove(picture);
  expect_failure(evaluation(data, workbench().model), {"has no image in", "val2014"});
  fs::remove_all(data / "val2014");
  expect_failure(evaluation(data, workbench().model), {"val2014"});
}

TEST(BadInput, PicturesThatOnlyTheDecoderRefuses) {
  const fs::path data = dataset_copy("undecodable_pictures");
  const fs::path picture = fs::directory_iterator(data / "val2014")->path();
  std::string palette = file_text(picture);
  palette[25] = 3;  // The colour type of a PNG's header, which its check sum then has to follow.
  const auto sum =
      static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(palette.data() + 12), 17));
  for (int i = 0; i < 4; ++i) palette[29 + i] = static_cast<char>(sum >> (24 - 8 * i));
  write_text(picture, palette);
  expect_failure(evaluation(data, workbench().model), {picture.filename(), "palette"});
}

TEST(BadInput, OutputsThatAreInputs) {
  const fs::path data = dataset_copy("overwritten");
  const std::string questions = (data / fs::path(workbench().questions()).filename()).string();
  const std::string before = file_text(questions);
  const std::vector<std::string> predict = {"predict", "--quiet",     "--model", workbench().model,
                                            "--data",  data.string(), "--split", "val"};
  const auto refused = [&](std::vector<std::string> command, const std::string& said) {
    const ProgramRun run = run_vqalign(command);
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
  };
  auto to_questions = predict, twice = predict;
  to_questions.insert(to_questions.end(), {"--out", questions});
  twice.insert(twice.end(), {"--out", data / "x", "--probabilities", data / "y" / ".." / "x"});
  refused(to_questions, "though it is read");
  refused(twice, "written twice");
  refused({"score", "--quiet", "--questions", questions, "--annotations", workbench().annotations(),
           "--results", good_results(), "--table", questions},
          "though it is read");
  EXPECT_EQ(file_text(questions), before);
}

TEST(BadInput, TrainingSetsThatTeachNothing) {
  const fs::path folder = fresh_folder("teach_nothing");
  const auto training = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"train", "--quiet", "--data", workbench().data.string(), "--epochs",
                               "1", "--out", folder / "m.safetensors"});
    return with_tiny_network(more);
  };
  write_text(folder / "a.json", R"(["zebra"])");
  expect_failure(training({"--answers", folder / "a.json"}),
                 {"train2014", "answer that is listed"});
  const ProgramRun layer =
      run_vqalign(training({"--set", "align.kind=ct", "--set", "align.layers=5"}));
  EXPECT_EQ(layer.status, 2);
  EXPECT_TRUE(layer.err.starts_with("vqalign: align.layers names \"5\"")) << layer.err;
  const ProgramRun decay = run_vqalign(
      training({"--set", "train.schedule=reference", "--set", "train.decay_epochs=soon"}));
  EXPECT_EQ(decay.status, 2);
  EXPECT_NE(decay.err.find("train.decay_epochs"), std::string::npos) << decay.err;
  EXPECT_FALSE(fs::exists(folder / "m.safetensors"));
}

TEST(BadInput, QuestionsThatTheModelCannotReadAreCounted) {
  const fs::path data = dataset_copy("strange_words");
  const fs::path questions = data / fs::path(workbench().questions()).filename();
  std::string text = file_text(questions);
  std::size_t at = 0;
  for (const std::string words : {"Is there a zorg?", "?!"}) {
    at = text.find('"', text.find("\"question\":", at) + 11) + 1;
    text.replace(at, text.find('"', at) - at, words);
  }
  write_text(questions, text);
  const ProgramRun run = run_vqalign({"predict", "--model", workbench().model, "--data", data,
                                      "--split", "val", "--out", data / "r.json"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("of 32 questions have words that"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("1 of 32 questions have no word"), std::string::npos) << run.err;
}

TEST(BadInput, InfoOfUnknownThings) {
  const fs::path folder = fresh_folder("unknown");
  const fs::path file = folder / "notes.txt";
  write_text(file, "shopping list");
  expect_failure({"info", file}, {"notes.txt", "expected a model"});
  write_text(file, "");
  expect_failure({"info", file}, {"notes.txt", "empty"});
  write_text(file, R"({"shopping": ["milk"]})");
  expect_failure({"info", file}, {"notes.txt", "expected a model"});
  fs::remove(file);
  expect_failure({"info", folder}, {"unknown", "expected a model"});
  expect_failure({"info", file}, {"notes.txt", "no such"});
  expect_failure({"info", "/dev/null"}, {"/dev/null", "no regular file"});
}

TEST(BadInput, PlacesThatCannotBeWritten) {
  const fs::path folder = fresh_folder("unwritable");
  const std::vector<std::string> predict = {"predict",         "--quiet", "--model",
                                            workbench().model, "--data",  workbench().data.string(),
                                            "--split",         "val"};
  const auto with = [](std::vector<std::string> command, const std::string& name,
                       const fs::path& value) {
    command.push_back(name);
    command.push_back(value);
    return command;
  };
  const fs::path out = folder / "r.json";
  expect_failure(with(predict, "--out", folder / "no" / "r.json"),
                 {"r.json", "there is no folder"});
  expect_failure(with(predict, "--out", folder), {"is a folder"});
  expect_failure(with(predict, "--out", "/dev/full"), {"/dev/full"});
  expect_failure(with(with(predict, "--out", out), "--probabilities", folder / "no" / "p.npz"),
                 {"p.npz", "there is no folder"});
  expect_failure(
      with(evaluation(workbench().data, workbench().model), "--table", folder / "no" / "t.csv"),
      {"t.csv", "there is no folder"});
  expect_failure({"train", "--quiet", "--data", workbench().data, "--out", folder / "no" / "m"},
                 {"there is no folder"});
  write_text(folder / "file", "");
  expect_failure(
      {"scenes", "--quiet", "--out", folder / "file", "--train", "1", "--val", "0", "--test", "0"},
      {"file"});
  EXPECT_EQ(files_in(folder), (std::set<fs::path>{folder / "file"}));
}

TEST(BadInput, FullDisks) {
  RunSettings full;
  full.output = "/dev/full";
  expect_failure({"info", workbench().data}, {"standard output", "No space left"}, full);

  const fs::path folder = fresh_folder("full_disk");
  RunSettings limited;
  limited.file_size_limit = 700;  // Room for the message on stderr, for no result.
  expect_failure({"predict", "--quiet", "--model", workbench().model, "--data", workbench().data,
                  "--split", "val", "--out", folder / "r.json"},
                 {"r.json", "cannot write"}, limited);
  EXPECT_TRUE(files_in(folder).empty());

  limited.file_size_limit = 20000;
  expect_failure(with_tiny_network({"train", "--quiet", "--data", workbench().data.string(),
                                    "--out", folder / "m.safetensors", "--epochs", "1"}),
                 {"m.safetensors", "cannot write"}, limited);
  EXPECT_TRUE(files_in(folder).empty());
}

}  // namespace
}  // namespace vqalign::test
