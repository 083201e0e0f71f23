#include "vqalign/core/json_elements.h"

#include "tests/data/data_test_support.h"

namespace vqalign {
namespace {

/// Reads lists "a" (required) and "b"; what was handed out, as text.
std::string elements_of(const std::filesystem::path& file) {
  std::string log;
  const auto note = [&log](const char* list) {
    return [&log, list](const Json& element, int64_t index) {
      log += list + std::to_string(index) + "=" + element.dump() + " ";
    };
  };
  for_each_element(file, {{"a", note("a")}, {"b", note("b"), /*required=*/false}});
  return log;
}

TEST(JsonElements, HandsOutTheElementsOfTheNamedLists) {
  const TestFolder folder;
  const auto read = [&folder](std::string_view text) {
    return elements_of(folder.write("x.json", text));
  };
  EXPECT_EQ(read(R"({"info": {"a": [9]}, "b": [], "a": [{"k": [1, {"a": 2}]}, [3, []], null, "s"],
                    "other": [[1], {"a": [7]}, 2]})"),
            R"(a0={"k":[1,{"a":2}]} a1=[3,[]] a2=null a3="s" )");
  EXPECT_EQ(read(R"({"a": [1.5, true], "b": [{}]})"), "a0=1.5 a1=true b0={} ");
  EXPECT_EQ(read(R"({"a": []})"), "");
}

TEST(JsonElements, NamesWhatIsWrong) {
  const TestFolder folder;
  const auto refusal = [&folder](std::string_view text) {
    const auto file = folder.write("x.json", text);
    return error_of([&] { elements_of(file); }, file).substr(std::string_view(": ").size());
  };
  EXPECT_EQ(refusal("[]"), "expected an object, found an array");
  EXPECT_EQ(refusal("3"), "expected an object, found a number");
  EXPECT_EQ(refusal(R"({"b": []})"), "\"a\" is missing");
  EXPECT_EQ(refusal(R"({"a": {}})"), "a: expected an array, found an object");
  EXPECT_EQ(refusal(R"({"a": [], "b": "x"})"), "b: expected an array, found a string");
  EXPECT_NE(refusal(R"({"a": [1, 2)").find("truncated"), std::string::npos);
}

}  // namespace
}  // namespace vqalign
