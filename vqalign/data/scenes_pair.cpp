#include "vqalign/data/scenes_pair.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>

#include "vqalign/core/error.h"
#include "vqalign/data/scenes_drawing.h"
#include "vqalign/data/scenes_panels.h"
#include "vqalign/data/scenes_phrasing.h"
#include "vqalign/data/scenes_sampling.h"
#include "vqalign/data/scenes_statement_sampling.h"

namespace vqalign::scenes {
namespace {

constexpr int kAnswers = 10;
/// With more wrong answers than this the truth might not stay the most frequent one.
constexpr int kMostWrongAnswers = 4;

bool is_scarce(int family) {
  const std::string& name = scene_families()[static_cast<std::size_t>(family)];
  return name == "colour" || name == "shape" || name == "size" || name == "relation";
}

/// Every purpose has random numbers of its own.
enum class Purpose : uint64_t {
  kObjects,
  kFirstPicture,
  kSecondPicture,
  kQuestions,
  kAnswers,
  kPanels
};

Random random_for(uint64_t seed, int split, int64_t index, Purpose purpose) {
  return Random(seed, (static_cast<uint64_t>(split) << 60) | (static_cast<uint64_t>(index) << 4) |
                          static_cast<uint64_t>(purpose));
}

std::vector<unsigned char> encode_png(const cv::Mat& picture) {
  std::vector<unsigned char> bytes;
  cv::imencode(".png", picture, bytes, {cv::IMWRITE_PNG_COMPRESSION, 3});
  return bytes;
}

DrawnScene draw(const Layout& layout, const SceneOptions& options, Random& random) {
  return {layout.scene, encode_png(draw_scene(layout, options, random)), {}};
}

DrawnScene draw(const std::vector<SceneObject>& objects, const SceneOptions& options,
                Random random) {
  const Layout layout = place_objects(objects, options, random);
  return draw(layout, options, random);
}

DrawnScene draw(const PanelScene& panels, const SceneOptions& options, Random random) {
  const Layout layout = place_panels(panels, random);
  return draw(layout, options, random);
}

std::vector<AnswerRecord> answer_as_people(const Truth& truth, double disagreement,
                                           Random& random) {
  std::vector<AnswerRecord> answers;
  int wrong = 0;
  for (int i = 0; i < kAnswers; ++i) {
    const bool errs = random.chance(disagreement) && wrong < kMostWrongAnswers;
    const bool hesitates = random.chance(errs ? 0.6 : 0.05);
    const auto other = random.below(static_cast<uint32_t>(truth.others.size()));
    wrong += errs ? 1 : 0;
    answers.push_back(
        {i + 1, errs ? truth.others[other] : truth.answer, hesitates ? "maybe" : "yes"});
  }
  return answers;
}

bool already_asked(const DrawnScene& drawn, const std::string& text) {
  return std::any_of(drawn.questions.begin(), drawn.questions.end(),
                     [&](const AskedQuestion& asked) { return asked.text == text; });
}

/// Asks both pictures a question of that family; false when none fits.
bool ask(ScenePair& pair, int family, double disagreement, Random& random, Random& people) {
  const auto query = sample_query(family, pair[0].scene, pair[1].scene, random);
  if (!query) return false;
  const std::string text = phrase(*query);
  if (already_asked(pair[0], text)) return false;
  for (DrawnScene& drawn : pair) {
    const Truth truth = *evaluate(*query, drawn.scene);
    drawn.questions.push_back({text, scene_families()[static_cast<std::size_t>(family)],
                               answer_type(query->kind), truth,
                               answer_as_people(truth, disagreement, people)});
  }
  return true;
}

/// The families take turns in random order. Those that fit fewer pairs (they speak of one object
/// that must be the only one of its kind) have two turns each, which makes the shares about equal.
void ask_all(ScenePair& pair, const std::vector<int>& families, int questions, double disagreement,
             Random& random, Random& people) {
  std::vector<int> turns = families;
  for (const int family : families) {
    if (is_scarce(family)) turns.push_back(family);
  }
  int asked = 0;
  for (int attempt = 0; attempt < 2 * questions && asked < questions; ++attempt) {
    const auto turn = static_cast<std::size_t>(attempt) % turns.size();
    if (turn == 0) random.shuffle(turns);
    if (ask(pair, turns[turn], disagreement, random, people)) ++asked;
  }
}

void state_all(ScenePair& pair, int statements, double disagreement, Random& random,
               Random& people) {
  int stated = 0;
  for (int attempt = 0; attempt < 2 * statements && stated < statements; ++attempt) {
    const auto statement = sample_statement(pair[0].scene, pair[1].scene, random);
    if (!statement) continue;
    const std::string text = phrase(*statement);
    if (already_asked(pair[0], text)) continue;
    for (DrawnScene& drawn : pair) {
      const Truth truth = evaluate(*statement, drawn.scene);
      drawn.questions.push_back({text, kBoxFamily, answer_type(*statement), truth,
                                 answer_as_people(truth, disagreement, people)});
    }
    ++stated;
  }
}

}  // namespace

std::vector<int> asked_families(const SceneOptions& options) {
  const std::vector<std::string>& names = scene_families();
  std::vector<int> families;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto named = std::count(options.families.begin(), options.families.end(), names[i]);
    if (named == 0 && !options.families.empty()) continue;
    std::string obstacle;
    if (names[i] == "size" && options.sizes < 2) obstacle = "scenes.sizes";
    if (names[i] == "relation" && options.max_objects < 2) obstacle = "scenes.max_objects";
    if (obstacle.empty()) {
      families.insert(families.end(), static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, named)),
                      static_cast<int>(i));
    } else if (named > 0) {
      throw UsageError(concat("scenes.families has ", names[i], ", but ", obstacle, " is 1"));
    }
  }
  return families;
}

ScenePair make_pair(const SceneOptions& options, uint64_t seed, int split, int64_t index,
                    int questions) {
  const auto random_of = [&](Purpose purpose) { return random_for(seed, split, index, purpose); };
  const auto draw_both = [&](const auto& sampled) -> ScenePair {
    return {draw(sampled.first, options, random_of(Purpose::kFirstPicture)),
            draw(sampled.second, options, random_of(Purpose::kSecondPicture))};
  };
  Random random = random_of(Purpose::kQuestions);
  Random people = random_of(Purpose::kAnswers);
  Random panels_random = random_of(Purpose::kPanels);
  if (panels_random.chance(options.boxes)) {
    ScenePair pair = draw_both(sample_panels(options, panels_random));
    state_all(pair, questions, options.disagreement, random, people);
    return pair;
  }
  Random objects_random = random_of(Purpose::kObjects);
  ScenePair pair = draw_both(sample_objects(options, objects_random));
  ask_all(pair, asked_families(options), questions, options.disagreement, random, people);
  return pair;
}

}  // namespace vqalign::scenes
