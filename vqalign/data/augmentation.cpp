#include "vqalign/data/augmentation.h"

#include <array>
#include <cassert>
#include <cctype>
#include <utility>

#include "vqalign/core/error.h"
#include "vqalign/core/philox.h"
#include "vqalign/core/unicode.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {
namespace {

constexpr int64_t kViewStride = int64_t{1} << 40;
// Stream of random numbers that belongs to the parts of pictures.
constexpr uint64_t kCropStream = uint64_t{0xC407} << 48;

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kSides = {
    {{"left", "right"}, {"leftmost", "rightmost"}}};

bool is_letter(char character) {
  return std::isalpha(static_cast<unsigned char>(character)) != 0;
}

/// `word` with the capitals of `like`: none, the first letter, or all.
std::string capitalised_like(std::string_view like, std::string_view word) {
  const auto capital = [](char character) {
    return std::isupper(static_cast<unsigned char>(character)) != 0;
  };
  std::string result(word);
  const bool all = capital(like[1]);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (all || (i == 0 && capital(like[0]))) {
      result[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(result[i])));
    }
  }
  return result;
}

std::string mirrored_word(std::string_view word) {
  const std::string lower = lower_case(word);
  for (const auto& [left, right] : kSides) {
    if (lower == left) return capitalised_like(word, right);
    if (lower == right) return capitalised_like(word, left);
  }
  return std::string(word);
}

void mirror_annotation(Annotation& annotation) {
  annotation.multiple_choice_answer = mirrored_text(annotation.multiple_choice_answer);
  for (AnswerRecord& record : annotation.answers) record.answer = mirrored_text(record.answer);
}

}  // namespace

PictureCut Augmentation::view(int64_t image_id, int64_t index) const {
  assert(index >= 0 && index < views());
  PictureCut view;
  view.mirrored = mirror && index % 2 == 1;
  const int64_t crop = mirror ? index / 2 : index;
  if (crop == 0) return view;
  Random random(static_cast<uint64_t>(image_id), kCropStream | static_cast<uint64_t>(crop));
  view.side = random.uniform(crop_side, 1.0);
  view.left = random.uniform(0, 1 - view.side);
  view.top = random.uniform(0, 1 - view.side);
  return view;
}

int64_t view_image_id(int64_t image_id, int64_t index) {
  return image_id + index * kViewStride;
}
int64_t original_image_id(int64_t image_id) {
  return image_id % kViewStride;
}
int64_t view_index(int64_t image_id) {
  return image_id / kViewStride;
}

void add_views(std::vector<Question>& questions, std::vector<Annotation>& annotations,
               const Augmentation& augmentation) {
  const std::size_t count = questions.size();
  const auto views = static_cast<std::size_t>(augmentation.views());
  if (views == 1) return;
  const bool annotated = !annotations.empty();
  questions.reserve(count * views);
  if (annotated) annotations.reserve(count * views);
  for (std::size_t index = 1; index < views; ++index) {
    for (std::size_t i = 0; i < count; ++i) {
      Question question = questions[i];
      if (question.image_id < 0 || question.image_id >= kViewStride) {
        fail("question ", question.question_id, " has image_id ", question.image_id,
             ", data.mirror and data.crops need one from 0 to ", kViewStride - 1);
      }
      const int64_t view = static_cast<int64_t>(index);
      const bool mirrored = augmentation.view(question.image_id, view).mirrored;
      question.image_id = view_image_id(question.image_id, view);
      if (mirrored) question.question = mirrored_text(question.question);
      if (annotated) {
        Annotation annotation = annotations[i];
        annotation.image_id = question.image_id;
        if (mirrored) mirror_annotation(annotation);
        annotations.push_back(std::move(annotation));
      }
      questions.push_back(std::move(question));
    }
  }
}

std::string mirrored_text(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == at) {
      result += text[at++];
    } else {
      result += mirrored_word(text.substr(at, end - at));
      at = end;
    }
  }
  return result;
}

}  // namespace vqalign
