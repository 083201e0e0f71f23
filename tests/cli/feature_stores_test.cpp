// pack, extract, info and --features over every format.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <csignal>

#include "tests/core/formats/gzip_text.h"
#include "vqalign/core/formats/npz.h"
#include "vqalign/core/json.h"
#include "workbench.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

const fs::path kStores = fs::path(VQALIGN_SOURCE_DIR) / "tests" / "vision" / "features";
// The same four pictures, of four regions each.
const std::vector<std::string> kSamePictures = {"npz_stored",   "npz_half",   "fixed.tsv",
                                                "fixed.tsv.gz", "fixed.hdf5", "half.hdf5",
                                                "beside36.hdf5"};

Json done(const std::vector<std::string>& arguments) {
  std::vector<std::string> quiet = arguments;
  quiet.insert(quiet.end(), {"--quiet", "--json"});
  const ProgramRun run = run_vqalign(quiet);
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.err, "");
  return run.status == 0 ? Json::parse(run.out) : Json();
}

void expect_refusal(const std::vector<std::string>& arguments, int status,
                    const std::string& said) {
  const ProgramRun run = run_vqalign(arguments);
  EXPECT_EQ(run.status, status) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("terminate"), std::string::npos) << run.err;
}

/// A dataset without pictures: two questions about each of the stores' pictures, train and val.
fs::path questions_about_stores(const std::string& name) {
  const fs::path folder = fresh_folder(name);
  int64_t number = 1;
  for (const std::string split : {"train2014", "val2014"}) {
    Json questions = Json::array(), annotations = Json::array();
    for (const int64_t image : {42, 7, 581929, 100, 42, 7, 581929, 100}) {
      const std::string answer = number % 3 == 0 ? "no" : "yes";
      Json answers = Json::array();
      for (int i = 1; i <= 10; ++i) {
        answers.push(Json::object()
                         .set("answer_id", i)
                         .set("answer", answer)
                         .set("answer_confidence", "yes"));
      }
      questions.push(Json::object()
                         .set("question_id", number)
                         .set("image_id", image)
                         .set("question", number % 2 == 0 ? "is it red" : "is there a dog"));
      annotations.push(Json::object()
                           .set("question_id", number)
                           .set("image_id", image)
                           .set("question_type", "is it")
                           .set("answer_type", "yes/no")
                           .set("multiple_choice_answer", answer)
                           .set("answers", std::move(answers)));
      ++number;
    }
    write_json(folder / ("v2_OpenEnded_mscoco_" + split + "_questions.json"),
               Json::object().set("questions", std::move(questions)));
    write_json(folder / ("v2_mscoco_" + split + "_annotations.json"),
               Json::object().set("annotations", std::move(annotations)));
  }
  return folder;
}

torch::Tensor probabilities_of(const fs::path& npz) {
  for (const NpzArray& array : read_npz(npz)) {
    if (array.name == "probabilities") return array.tensor;
  }
  return {};
}

TEST(FeatureStores, EveryFormatTrainsAndGivesTheSameAnswers) {
  const fs::path folder = questions_about_stores("every_format");
  const fs::path packed = folder / "packed.vqf";
  done({"pack", "--from", kStores / "fixed.hdf5", "--out", packed});
  std::vector<fs::path> stores = {packed};
  for (const std::string& name : kSamePictures) stores.push_back(kStores / name);

  torch::Tensor first;
  for (const fs::path& store : stores) {
    SCOPED_TRACE(store.string());
    const std::vector<std::string> data = {"--data", folder, "--features", store};
    const fs::path model = folder / "m.safetensors";
    std::vector<std::string> train =
        with_tiny_network({"train", "--out", model, "--epochs", "1", "--set",
                           "vision.encoder=features", "--set", "vision.feature_width=6"});
    train.insert(train.end(), data.begin(), data.end());
    const ProgramRun trained = run_vqalign(train);
    ASSERT_EQ(trained.status, 0) << trained.err;
    const bool warned = trained.err.find("vqalign pack") != std::string::npos;
    EXPECT_EQ(warned, store.extension() == ".gz") << trained.err;

    std::vector<std::string> eval = {"eval", "--model", model, "--split", "val"};
    eval.insert(eval.end(), data.begin(), data.end());
    EXPECT_EQ(done(eval).at("questions").as_int(), 8);

    const fs::path npz = folder / "p.npz";
    std::vector<std::string> predict = {
        "predict",         "--model",         model, "--split", "val", "--out",
        folder / "r.json", "--probabilities", npz};
    predict.insert(predict.end(), data.begin(), data.end());
    done(predict);
    const torch::Tensor probabilities = probabilities_of(npz);
    if (!first.defined()) first = probabilities;
    EXPECT_TRUE(torch::equal(probabilities, first));
  }
}

TEST(FeatureStores, InfoTellsOfEveryFormat) {
  const fs::path folder = fresh_folder("info_stores");
  done({"pack", "--from", kStores / "adaptive.hdf5", "--out", folder / "half.vqf", "--half"});
  struct Row {
    fs::path path;
    const char* format;
    Json type, checksums;
  };
  const Row rows[] = {
      {kStores / "npz_deflated", "folder of .npz", {}, {}},
      {kStores / "adaptive.tsv", "TSV", "float32", {}},
      {kStores / "members.tsv.gz", "TSV, gzip", "float32", {}},
      {kStores / "adaptive.hdf5", "HDF5", "float32", {}},
      {folder / "half.vqf", "packed store", "float16", "good"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path.string());
    const Json told = done({"info", row.path});
    EXPECT_EQ(told.at("kind").as_string(), "features");
    EXPECT_EQ(told.at("format").as_string(), row.format);
    EXPECT_EQ(told.at("images").as_int(), 4);
    EXPECT_EQ(told.at("width").as_int(), 6);
    EXPECT_EQ(told.at("type"), row.type);
    EXPECT_EQ(told.at("checksums"), row.checksums);
    EXPECT_EQ(told.at("regions"), Json::object().set("min", 1).set("mean", 2.75).set("max", 5));
  }
}

TEST(FeatureStores, PackSaysWhatItDid) {
  const fs::path folder = fresh_folder("pack");
  const fs::path whole = folder / "whole.vqf", half = folder / "half.vqf";
  const Json told = done({"pack", "--from", kStores / "adaptive.tsv.gz", "--out", whole});
  EXPECT_EQ(told.at("images").as_int(), 4);
  EXPECT_EQ(told.at("regions").as_int(), 11);
  EXPECT_EQ(told.at("width").as_int(), 6);
  EXPECT_EQ(told.at("type").as_string(), "float32");
  EXPECT_EQ(told.at("bytes").as_int(), static_cast<int64_t>(fs::file_size(whole)));
  EXPECT_EQ(done({"pack", "--from", whole, "--out", half, "--half"}).at("type").as_string(),
            "float16");
  const fs::path again = folder / "again.vqf";
  done({"pack", "--from", whole, "--out", again});
  EXPECT_EQ(file_text(again), file_text(whole));
  const ProgramRun people = run_vqalign({"pack", "--from", whole, "--out", again});
  EXPECT_NE(people.out.find("4 images, 11 regions of width 6, float32"), std::string::npos)
      << people.out;
}

TEST(FeatureStores, WrongUsesAndBadFiles) {
  const fs::path folder = fresh_folder("pack_wrong");
  const fs::path out = folder / "o.vqf";
  const std::string bad = kStores / "bad" / "nan.hdf5";
  expect_refusal({"pack", "--out", out}, 2, "--from is required");
  expect_refusal({"pack", "--from", bad}, 2, "--out is required");
  expect_refusal({"pack", "--from", bad, "--out", out, "--set", "a.b=1"}, 2, "a.b");
  expect_refusal({"pack", "--from", folder / "none", "--out", out}, 1, "no such file or folder");
  expect_refusal({"pack", "--from", bad, "--out", out}, 1, "image_features of region 2 is nan");
  expect_refusal({"pack", "--from", workbench().model, "--out", out}, 1, "is no file of features");
  expect_refusal({"pack", "--from", kStores / "fixed.tsv", "--out", folder / "no" / "o.vqf"}, 1,
                 "there is no folder");
  const fs::path store = fresh_folder("pack_itself") / "f.tsv";
  fs::copy(kStores / "fixed.tsv", store);
  expect_refusal({"pack", "--from", store, "--out", store}, 2, "would be replaced");

  const std::string data = workbench().data.string();
  expect_refusal({"extract", "--data", data, "--split", "val", "--encoder", "resnet", "--out", out},
                 2, "--encoder is \"resnet\", there is: grid, efficientnet-lite0");
  expect_refusal({"extract", "--data", data, "--split", "val", "--encoder", "grid", "--out", out,
                  "--features", store},
                 2, "--features");
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(FeatureStores, ADamagedStoreIsFound) {
  const fs::path store = fresh_folder("damaged_store") / "f.vqf";
  done({"pack", "--from", kStores / "fixed.hdf5", "--out", store});
  const std::string bytes = file_text(store);
  std::string flipped = bytes;
  flipped[300] = static_cast<char>(flipped[300] ^ 1);
  write_text(store, flipped);
  expect_refusal({"info", store}, 1, "is damaged (checksum)");
  write_text(store, bytes.substr(0, bytes.size() / 2));
  expect_refusal({"info", store}, 1, "has no end mark");
}

TEST(FeatureStores, ADiskThatFillsUpLeavesNothing) {
  const fs::path folder = fresh_folder("full_disk");
  RunSettings settings;
  settings.file_size_limit = 256;
  const ProgramRun run =
      run_vqalign({"pack", "--from", kStores / "fixed.hdf5", "--out", folder / "f.vqf"}, settings);
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_NE(run.err.find("cannot write"), std::string::npos) << run.err;
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(FeatureStores, CtrlCLeavesNothing) {
  const fs::path folder = fresh_folder("pack_interrupt");
  const fs::path large = folder / "large.tsv.gz";
  // Zeros pack a thousand to one: little to write here, half a gigabyte to unpack.
  const std::string boxes(768, 'A');
  const std::string features = testing_files::gzip_text(std::string(393'216, 'A') + "\n");
  std::string packed;
  for (int id = 0; id < 1500; ++id) {
    packed += testing_files::gzip_text(std::to_string(id) + "\t9\t9\t36\t" + boxes + "\t");
    packed += features;
  }
  write_text(large, packed);
  RunSettings settings;
  settings.signal = SIGINT;
  settings.signal_when = [&](const std::string&) {
    const auto entries = fs::directory_iterator(folder);
    return std::any_of(begin(entries), end(entries), [](const fs::directory_entry& entry) {
      return entry.path().extension() == ".tmp";
    });
  };
  const ProgramRun run =
      run_vqalign({"pack", "--from", large, "--out", folder / "out.vqf"}, settings);
  EXPECT_EQ(run.status, 130) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST(FeatureStores, ExtractedFeaturesTrainAModel) {
  const fs::path folder = fresh_folder("extract");
  const fs::path store = folder / "f.vqf", model = folder / "m.safetensors";
  const std::string data = workbench().data.string();
  const Json told = done({"extract", "--data", data, "--split", "train+val", "--encoder", "grid",
                          "--model", workbench().model, "--out", store});
  std::size_t pictures = 0;
  for (const char* subset : {"train2014", "val2014"}) {
    pictures += static_cast<std::size_t>(
        std::distance(fs::directory_iterator(workbench().data / subset), fs::directory_iterator()));
  }
  EXPECT_EQ(told.at("images"), Json(pictures));
  EXPECT_EQ(told.at("width").as_int(), 8);  // of the workbench's network
  EXPECT_EQ(done({"info", store}).at("checksums").as_string(), "good");

  std::vector<std::string> train = with_tiny_network(
      {"train", "--data", data, "--features", store, "--out", model, "--epochs", "1", "--set",
       "vision.encoder=features", "--set", "vision.feature_width=8"});
  const ProgramRun trained = run_vqalign(train);
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_EQ(done({"eval", "--data", data, "--split", "val", "--features", store, "--model", model})
                .at("questions")
                .as_int(),
            32);
  expect_refusal({"extract", "--data", data, "--split", "val", "--encoder", "grid", "--model",
                  model, "--out", folder / "g.vqf"},
                 2, "the model has no encoder of pictures");
}

}  // namespace
}  // namespace vqalign::test
