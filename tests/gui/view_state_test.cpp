#include "vqalign/gui/models/view_state.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/inspect/sample_inspection.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/figure_choice.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path made = fs::path(testing::TempDir()) / "vqalign_view_state" / test->name();
  fs::create_directories(made);
  return made;
}

ViewState full_state() {
  ViewState state;
  state.picture = folder() / "pictures" / "it's.png";
  state.question = "Is \"it\" red?";
  state.weights = {
      WeightSource::kRelevance, {1, MapChoice::kMax}, Reading::kGiven, Token{false, 7}, "dark red"};
  state.family = AttentionFamily::kImageSelf;
  state.edits = {
      {{AttentionFamily::kGuided, 0, 3}, {AttentionFamily::kQuestionSelf, 1, 1}}, {2}, {0, 4}};
  state.statistic = HeadStatistic::kEffect;
  state.sorted = true;
  state.colours = "cividis";
  state.opacity = 0.25;
  state.scale = 0.125;
  state.outlines = true;
  state.passes = 20;
  return state;
}

TEST(Sessions, ComeBackAsTheyWere) {
  const fs::path file = folder() / "s.json";
  for (ViewState state : {ViewState(), full_state()}) {
    const Session session{folder() / "m.safetensors", state};
    write_session(file, session);
    EXPECT_EQ(read_session(file), session);
    state.weights.subject = Token{true, 3};
    state.weights.map = {};
    write_session(file, {{}, state});
    EXPECT_EQ(read_session(file).state, state);
  }
}

TEST(Sessions, MoveTogetherWithTheirFiles) {
  const fs::path here = folder() / "here", there = folder() / "there";
  fs::remove_all(there);
  fs::create_directories(here);
  ViewState state;
  state.picture = here / "a.png";
  state.question = "q";
  write_session(here / "s.json", {"/elsewhere/m.safetensors", state});
  fs::rename(here, there);
  const Session moved = read_session(there / "s.json");
  EXPECT_EQ(moved.state.picture, there / "a.png");
  EXPECT_EQ(moved.model, "/elsewhere/m.safetensors");
}

/// As sessions were written before there were passes.
TEST(Sessions, WithoutPassesHaveNone) {
  const fs::path file = folder() / "s.json";
  write_session(file, {{}, full_state()});
  Json::Object members = read_json(file).as_object();
  std::erase_if(members, [](const auto& member) { return member.first == "passes"; });
  write_json(file, Json(members));
  ViewState expected = full_state();
  expected.passes = 0;
  EXPECT_EQ(read_session(file).state, expected);
}

TEST(Sessions, WrongMembersAreNamed) {
  const fs::path file = folder() / "s.json";
  write_session(file, {{}, full_state()});
  const Json good = read_json(file);
  const auto refused = [&](const char* member, Json value, const char* part) {
    Json bad = good;
    bad.set(member, std::move(value));
    write_json(file, bad);
    try {
      read_session(file);
      ADD_FAILURE() << member;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused("format", 2, "format 2");
  refused("question", 7, "question");
  refused("statistic", "zorp", "zorp");
  refused("outlines", "yes", "outlines");
  refused("passes", 1, "passes is 1, allowed is 0 or 2 to 10000");
  refused("passes", 10001, "passes is 10001");
  Json figure = good.at("figure");
  refused("figure", figure.set("word", "red").set("region", -1), "red");
  refused("figure", Json(good.at("figure")).set("silence", Json::Array{"zorp:1:1"}), "zorp:1:1");
  refused("figure", Json(good.at("figure")).set("head", "many"), "many");
  refused("figure", Json(good.at("figure")).set("zorp", 1), "zorp");
}

/// What the command line would show for these options is what the window shows.
TEST(Options, SayWhatTheStateSays) {
  const Inspection inspection = sample_inspection(2, 4, 4, 9);
  ViewState state = full_state();
  state.weights.source = WeightSource::kAttention;
  state.weights.subject = Token{false, 7};
  EXPECT_EQ(figure_edits(figure_options(state, "summary", "light")), state.edits);
  const WeightChoice choice = weight_choice(figure_options(state, "summary", "light"), inspection);
  EXPECT_EQ(choice.source, state.weights.source);
  EXPECT_EQ(choice.map, state.weights.map);
  EXPECT_EQ(choice.reading, state.weights.reading);
  EXPECT_EQ(choice.subject, state.weights.subject);
}

TEST(Commands, AreQuotedForTheShell) {
  ViewState state;
  state.picture = "/a b/it's.png";
  state.question = "Is it $HOME?";
  EXPECT_EQ(figure_command(state, "summary", "dark", "/m.safetensors"),
            "vqalign figure '/a b/it'\\''s.png' 'Is it $HOME?' --model /m.safetensors --top 10 "
            "--out figure.svg --set figure.theme=dark");
  state.question = "-x";
  EXPECT_NE(figure_command(state, "summary", "light", "/m.safetensors").find(" ' -x' "),
            std::string::npos);
}

}  // namespace
}  // namespace vqalign::test
