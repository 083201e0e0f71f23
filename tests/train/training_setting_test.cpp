#include "vqalign/train/training_setting.h"

#include "tests/train/training_fixture.h"

namespace vqalign {
namespace {

class TrainingSettingTest : public TrainingTest {
 protected:
  /// The state of a finished training as a version wrote it that did not know these options yet.
  void write_older_state(const std::vector<std::pair<const char*, const char*>>& unknown) const {
    train(request("model"));
    const fs::path file = state_path(folder_ / "model");
    TrainingState state = load_state(file);
    Json options = state.setting.at("options");
    for (const auto& [group, name] : unknown) {
      Json::Object fields;
      for (const auto& field : options.at(group).as_object()) {
        if (field.first != name) fields.push_back(field);
      }
      options.set(group, fields);
    }
    state.setting.set("options", options);
    save_state(file, state);
  }

  TrainRequest longer() const {
    TrainRequest more = request("model");
    more.resume = true;
    more.epochs = 3;
    return more;
  }
};

TEST_F(TrainingSettingTest, OptionsThatAnOlderStateDoesNotKnowHadTheirDefaults) {
  write_older_state({{"align", "block"}, {"model", "region_dropout"}});
  EXPECT_EQ(train(longer()).epochs, 3);
}

TEST_F(TrainingSettingTest, SuchOptionsAreRefusedWhereTheyDifferFromTheirDefaults) {
  write_older_state({{"align", "block"}});
  TrainRequest changed = longer();
  changed.options.align.block = 32;
  try {
    train(changed);
    FAIL() << "resumed with another block";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("options.align.block is 32, was 0"), std::string::npos)
        << error.what();
  }
}

TEST(TrainingSetting, TellsWhatIsNotKnownAnyMore) {
  Json now = Json::object().set("options", options_to_json(RunOptions().options()));
  Json before = now;
  Json options = now.at("options");
  options.set("align", Json(options.at("align")).set("gone", 3));
  before.set("options", options);
  try {
    check_same_setting(now, before, "m.state");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "m.state: cannot resume: options.align.gone was 3, which is not known any more");
  }
}

}  // namespace
}  // namespace vqalign
