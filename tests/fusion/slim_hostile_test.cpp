// Slim model files that somebody made up.
#include "tests/fusion/slim_file.h"
#include "vqalign/core/formats/safetensors.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

TEST_F(SlimFile, HostileFilesAreRefused) {
  save_slim();
  const Safetensors good = read_safetensors(slim_);
  const std::string needs = good.metadata.at("left_out");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = needs;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::string bytes = concat("\"bytes\":", fs::file_size(picture_weights_));
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "left_out"},
      {"{", "left_out"},
      {R"({"vision": 3})", "vision"},
      {R"({"vision": {}})", "vision"},
      {R"({"proj": {}})", "names \"proj\", which this model has not"},
      {changed("\"efficientnet-lite0.safetensors\"", "\"../efficientnet-lite0.safetensors\""),
       "file is no name of a file"},
      {changed("\"efficientnet-lite0.safetensors\"", "\"/etc/passwd\""),
       "file is no name of a file"},
      {changed("\"efficientnet-lite0.safetensors\"", "\"a\\u001b[2J\""),
       "file is no name of a file"},
      {changed("\"efficientnet-lite0.safetensors\"", "\"\""), "file is no name of a file"},
      {changed(kTinyBertHash, std::string(64, 'g')), "sha256 is no 64 hexadecimal digits"},
      {changed(kTinyBertHash, "988abb"), "sha256 is no 64 hexadecimal digits"},
      {changed(kTinyBertHash, kTinyDetectorHash), "is slim and needs the weights of minilm"},
      {changed("efficientnet-lite0", "efficientnet-lite2"), "the model has efficientnet-lite0"},
      {changed(bytes, "\"bytes\":0"), "has 0 bytes"},
      {changed(bytes, "\"bytes\":-7"), "has -7 bytes"},
      {changed(bytes, "\"bytes\":9223372036854775807"), "allowed is 1 to 4294967296"},
      {changed(bytes, "\"bytes\":1e99"), "left_out"},
      {changed("\"parameters\":0", "\"parameters\":99999999999"), "parameters in"},
      {R"({"vision": )" + Json::parse(needs).at("vision").dump() + R"(, "vision": )" +
           Json::parse(needs).at("vision").dump() + "}",
       "twice"}};
  for (const auto& [json, said] : cases) {
    SCOPED_TRACE(json);
    Safetensors file = good;
    file.metadata["left_out"] = json;
    for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
    write_safetensors(slim_, file);
    expect_said({"slim.safetensors", said});
  }
}

TEST_F(SlimFile, OtherFilesOfTheRightHashAreNoEncoders) {
  // A slim file whose hash is that of some file of the search places, which then is none.
  Safetensors file = read_safetensors(save_slim());
  for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
  const fs::path other = folder_ / "other.safetensors";
  write_safetensors(other, {.tensors = {{"x", torch::ones({2})}}, .metadata = {}});
  Json needs = Json::parse(file.metadata["left_out"]);
  for (const char* part : {"vision", "language", "detector"}) {
    Json changed = needs, entry = needs.at(part);
    entry.set("bytes", static_cast<int64_t>(fs::file_size(other)))
        .set("sha256", file_sha256(other))
        .set("parameters", 0);
    changed.set(part, entry);
    file.metadata["left_out"] = changed.dump();
    write_safetensors(slim_, file);
    expect_said({"slim.safetensors: "});
  }
  // Sizes that the metadata asks for are checked against what was found, before a model is made.
  file.metadata["left_out"] = needs.dump();
  std::string& text = file.metadata["config"];
  const std::string width = "\"positions\":32";
  ASSERT_NE(text.find(width), std::string::npos);
  text.replace(text.find(width), width.size(), "\"positions\":65536");
  write_safetensors(slim_, file);
  expect_said({"position_embeddings.weight has shape [32, 32], its metadata asks for"});
}

TEST_F(SlimFile, TensorsThatAreThereAllTheSameAreRefused) {
  save_model(whole_, bundle_);
  Safetensors file = read_safetensors(whole_);
  file.metadata["left_out"] = read_safetensors(save_slim()).metadata.at("left_out");
  write_safetensors(slim_, file);
  expect_said({"is there, metadata \"left_out\" says that it is not"});
}

}  // namespace
}  // namespace vqalign
