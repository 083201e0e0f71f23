// vqalign ask: one question, and many on standard input.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "failures.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

std::string picture() {
  static const std::string first = [] {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(workbench().data / "val2014")) {
      files.push_back(entry.path());
    }
    return *std::min_element(files.begin(), files.end());
  }();
  return first;
}

std::vector<std::string> asking(const std::string& image, const std::string& question,
                                std::vector<std::string> more = {}) {
  std::vector<std::string> line = {"ask", image, question, "--model", workbench().model};
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

Json asked(const std::string& question, const std::vector<std::string>& more = {}) {
  std::vector<std::string> line = asking(picture(), question, more);
  line.emplace_back("--json");
  const ProgramRun run = run_vqalign(line);
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

std::string json_line(const std::string& image, const std::string& question) {
  return Json::object().set("image", image).set("question", question).dump() + "\n";
}

/// What `ask --stdin` makes of the text.
ProgramRun converse(const std::string& text) {
  const fs::path folder = fresh_folder("stdin");
  write_text(folder / "in", text);
  return run_shell("vqalign ask --stdin --model " + workbench().model.string() + " < in", folder);
}

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

TEST(Ask, JsonKeepsTheContract) {
  const Json json = asked("What colour is the zorp?");
  EXPECT_EQ(json.at("question").as_string(), "What colour is the zorp?");
  EXPECT_EQ(json.at("words").dump(), R"(["what","colour","is","the","zorp"])");
  EXPECT_EQ(json.at("unknown_words").dump(), R"(["zorp"])");
  EXPECT_GT(json.at("milliseconds").as_double(), 0);
  EXPECT_EQ(json.find("certain"), nullptr);
  const Json::Array& answers = json.at("answers").as_array();
  ASSERT_EQ(answers.size(), 5u);
  double before = 1;
  for (const Json& answer : answers) {
    EXPECT_FALSE(answer.at("answer").as_string().empty());
    EXPECT_LE(answer.at("probability").as_double(), before);
    EXPECT_EQ(answer.find("spread"), nullptr);
    before = answer.at("probability").as_double();
  }
  EXPECT_GE(before, 0);
}

TEST(Ask, PassesAddSpreadsAndCertainty) {
  const Json json = asked("How many circles are there?", {"--passes", "5", "--top", "3"});
  ASSERT_EQ(json.at("answers").as_array().size(), 3u);
  EXPECT_GT(json.at("answers").as_array()[0].at("spread").as_double(), 0);
  const double p_value = json.at("p_value").as_double();
  EXPECT_EQ(json.at("certain").as_bool(), p_value < 0.05);
  const Json again = asked("How many circles are there?", {"--passes", "5", "--top", "3"});
  EXPECT_EQ(json.at("answers"), again.at("answers"));
  const Json other = asked("How many circles are there?", {"--passes", "5", "--seed", "2"});
  EXPECT_NE(json.at("p_value").as_double(), other.at("p_value").as_double());
}

TEST(Ask, PassesAreToldInPlainWords) {
  const auto text = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"--top", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_vqalign(asking(picture(), "How many circles are there?", arguments)).out;
  };
  const std::string with = text({"--passes", "5"}), without = text({});
  EXPECT_EQ(without.find("certain"), std::string::npos) << without;
  EXPECT_EQ(without.find("±"), std::string::npos) << without;
  const Json json = asked("How many circles are there?", {"--passes", "5", "--top", "1"});
  EXPECT_NE(with.find("\n" + json.at("certainty").as_string() + "\n"), std::string::npos) << with;
  EXPECT_NE(with.find(" over 5 passes \""), std::string::npos) << with;
  EXPECT_EQ(json.at("word_spreads").as_array().size(), json.at("words").as_array().size());
  EXPECT_GT(json.at("regions").as_array()[0].at("spread").as_double(), 0);
}

TEST(Ask, TextShowsAnswersWordsAndRegions) {
  const ProgramRun run = run_vqalign(asking(picture(), "Is there a zorp?", {"--top", "2"}));
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(line_count(run.out), 6u) << run.out;  // two answers, the words, three regions
  EXPECT_NE(run.out.find(" %"), std::string::npos);
  EXPECT_NE(run.out.find("zorp (unknown)"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("regions"), std::string::npos) << run.out;
  EXPECT_NE(run.err.find("does not know the word \"zorp\""), std::string::npos) << run.err;
  const ProgramRun quiet = run_vqalign(asking(picture(), "Is there a zorp?", {"--quiet"}));
  EXPECT_EQ(quiet.err, "");
}

TEST(Ask, StandardInputGivesALineEach) {
  const ProgramRun run = converse(json_line(picture(), "Is there a circle?") + "\n" +
                                  json_line(picture(), "How many shapes are there?\t") +
                                  R"({"question": "What?", "image": ")" + picture() + "\"}\r\n" +
                                  json_line(picture(), "Is there a circle?").substr(0, 999));
  EXPECT_EQ(run.status, 0) << run.err;
  const std::vector<Json> lines = lines_of(run.out);
  ASSERT_EQ(lines.size(), 4u) << run.out;
  EXPECT_EQ(lines[1].at("words").dump(), R"(["how","many","shapes","are","there"])");
  EXPECT_EQ(lines[0].at("answers"), lines[3].at("answers"));
  EXPECT_EQ(lines[0].at("answers"), asked("Is there a circle?").at("answers"));
}

TEST(Ask, StandardInputSaysOnItsLineWhatWentWrong) {
  const std::string good = json_line(picture(), "Is there a circle?");
  const ProgramRun run =
      converse(good + "{\"image\": \n" + "[1]\n" + json_line("missing.png", "What?") +
               json_line(picture(), "?!") + R"({"image": 3, "question": "a"})" + "\n" +
               R"({"question": "a"})" + "\n" + good);
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(
      run.err.ends_with("vqalign: standard input: 6 of 8 questions could not be answered, "
                        "their lines of output say why\n"))
      << run.err;
  const std::vector<Json> lines = lines_of(run.out);
  ASSERT_EQ(lines.size(), 8u) << run.out;
  const char* said[] = {"",     "line 2",          "found an array", "missing.png",
                        "word", "line 6: image: ", "image",          ""};
  for (std::size_t i = 0; i < 8; ++i) {
    const bool failed = said[i][0] != '\0';
    ASSERT_EQ(lines[i].find("error") != nullptr, failed) << i;
    if (!failed) continue;
    EXPECT_NE(lines[i].at("error").as_string().find(said[i]), std::string::npos) << lines[i].dump();
    EXPECT_EQ(lines[i].at("line").as_int(), static_cast<int64_t>(i + 1));
  }
  EXPECT_EQ(lines[0].at("answers"), lines[7].at("answers"));
}

TEST(Ask, StandardInputMayBeEmptyButNotEndless) {
  const ProgramRun nothing = converse("");
  EXPECT_EQ(nothing.status, 0) << nothing.err;
  EXPECT_EQ(nothing.out, "");
  const ProgramRun endless = converse(std::string(3 << 20, 'a'));
  EXPECT_EQ(endless.status, 1);
  EXPECT_NE(endless.err.find("line 1 is longer than 1048576 bytes"), std::string::npos)
      << endless.err;
}

TEST(Ask, AnswersALineBeforeTheNextComesAndStopsWhileWaiting) {
  const fs::path folder = fresh_folder("waiting");
  write_text(folder / "line", json_line(picture(), "Is there a circle?"));
  const ProgramRun run =
      run_shell("mkfifo pipe; vqalign ask --stdin --model " + workbench().model.string() +
                    " < pipe > out & program=$!; exec 3> pipe; cat line >&3; "
                    "while [ ! -s out ] && kill -0 $program; do sleep 0.05; done; "
                    "kill -TERM $program; wait $program",
                folder);
  EXPECT_EQ(run.status, 130) << run.err;
  EXPECT_EQ(lines_of(file_text(folder / "out")).size(), 1u);
}

TEST(Ask, WrongUses) {
  const std::string model = workbench().model;
  const std::pair<std::vector<std::string>, std::string> uses[] = {
      {{"ask"}, "IMAGE is missing"},
      {{"ask", picture()}, "QUESTION is missing"},
      {{"ask", picture(), ""}, "QUESTION is missing or empty"},
      {asking(picture(), "?!"), "question \"?!\" has no word"},
      {asking(picture(), "Is", {"it", "red?"}), "unexpected argument \"it\""},
      {asking(picture(), "What?", {"--top", "0"}), "--top is 0"},
      {asking(picture(), "What?", {"--passes", "1"}), "--passes is 1, allowed is 2 to 10000"},
      {asking(picture(), "What?", {"--stdin"}), "--stdin reads pictures and questions"},
      {asking(picture(), "What?", {"--set", "model.layers=2"}), "--set model.layers=2"},
  };
  for (const auto& [arguments, said] : uses) {
    const ProgramRun run = run_vqalign(arguments);
    EXPECT_EQ(run.status, 2) << said;
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
    EXPECT_NE(run.err.find(said), std::string::npos) << said << "\nnot in: " << run.err;
  }
}

TEST(Ask, BadPicturesAndModels) {
  const fs::path folder = fresh_folder("bad_pictures");
  write_text(folder / "empty.png", "");
  write_text(folder / "cut.png", file_text(picture()).substr(0, 300));
  write_text(folder / "text.jpg", "no picture");
  for (const char* name : {"empty.png", "cut.png", "text.jpg", "missing.png"}) {
    expect_failure(asking(folder / name, "What?"), {name});
  }
  expect_failure(asking(folder, "What?"), {folder.filename()});
  expect_failure({"ask", picture(), "What?", "--model", folder / "text.jpg"}, {"text.jpg"});
}

}  // namespace
}  // namespace vqalign::test
