#include "experiment_fixture.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace vqalign {
namespace {

class VerdictsTest : public ExperimentTest {
 protected:
  std::string refusal(const std::vector<NpzArray>& arrays) {
    write_npz(folder_ / "v.npz", arrays);
    try {
      read_verdicts(folder_ / "v.npz");
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }
};

TEST_F(VerdictsTest, ComeBackAsTheyWere) {
  const QuestionVerdicts all{{7, 9007199254740993}, {0.3, 1}, {0.1 + 0.2, 0}, {1, 0.6}, {1e-17, 1},
                             std::string(64, 'a')};
  write_verdicts(folder_ / "v.npz", all);
  const QuestionVerdicts back = read_verdicts(folder_ / "v.npz");
  EXPECT_EQ(back.question_ids, all.question_ids);
  EXPECT_EQ(back.accuracies, all.accuracies);
  EXPECT_EQ(back.confidences, all.confidences);
  EXPECT_EQ(back.pass_accuracies, all.pass_accuracies);
  EXPECT_EQ(back.p_values, all.p_values);
  EXPECT_EQ(back.model_sha256, all.model_sha256);
  write_verdicts(folder_ / "v.npz", {{7}, {1}, {}, {}, {}});
  EXPECT_TRUE(read_verdicts(folder_ / "v.npz").confidences.empty());
  EXPECT_EQ(read_verdicts(folder_ / "v.npz").model_sha256, "");
}

TEST_F(VerdictsTest, DamagedOnesAreRefused) {
  const torch::Tensor ids = torch::tensor({int64_t{1}, int64_t{2}});
  const torch::Tensor half = torch::tensor({0.5, 0.5}, torch::kDouble);
  EXPECT_NE(refusal({{"accuracy", half, {}}}).find("no array \"question_id\""), std::string::npos);
  EXPECT_NE(refusal({{"question_id", ids, {}}}).find("no array \"accuracy\""), std::string::npos);
  EXPECT_NE(refusal({{"question_id", ids, {}}, {"accuracy", half.slice(0, 0, 1), {}}})
                .find("accuracy has 1 values, question_id has 2"),
            std::string::npos);
  EXPECT_NE(refusal({{"question_id", ids, {}}, {"accuracy", 4 * half, {}}})
                .find("accuracy of row 0 is 2, expected 0 to 1"),
            std::string::npos);
  EXPECT_NE(refusal({{"question_id", ids, {}}, {"accuracy", half.to(torch::kFloat), {}}})
                .find("accuracy is no list of float64"),
            std::string::npos);
  EXPECT_NE(refusal({{"question_id", ids, {}}, {"accuracy", half, {}}, {"confidence", half, {}}})
                .find("no array \"pass_accuracy\""),
            std::string::npos);
  EXPECT_NE(refusal({{"question_id", ids, {}}, {"accuracy", half, {}}, {"model_sha256", half, {}}})
                .find("model_sha256 is no list of one string"),
            std::string::npos);
}

}  // namespace
}  // namespace vqalign
