// Random operations from a fixed seed: whatever they are, the result is canonical and valid, or
// there is none.

#include <gtest/gtest.h>

#include <random>

#include "unit/scim/patch/patch_fixture.h"

namespace vestibule::scim {
namespace {

using test::patched;
using test::schemas;

/// A resource with something everywhere, some of it only the server can have written.
json::Object start() {
  json::Object object = test::resource(*schemas().probe, R"({
      "label": "a", "text": "t", "fixed": "f", "fixedTags": ["x", "y"], "tags": ["a", "b"], "codes": [1, 2],
      "parts": ["p", "q"], "details": {"value": "v", "note": "n", "serial": "s"},
      "items": [{"value": "a", "type": "t1", "serial": "s", "primary": true}, {"value": "b", "type": "t2"},
                {"value": "c", "type": "t1", "note": "n"}],
      "pairs": [{"left": "l", "right": "r"}, {"left": "l2"}]})");
  object.set("computed", "by the server");
  object.find("details")->object()->set("shown", "V");
  return *finish(*schemas().probe_registry, *schemas().probe, object);
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string operations() {
    std::string out = "[";
    for (std::size_t i = pick(3); true; --i) {
      out += operation();
      if (i == 0) return out + "]";
      out += ",";
    }
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }

  template <std::size_t kSize>
  std::string oneOf(const char* const (&texts)[kSize]) {
    return texts[pick(kSize)];
  }

  std::string operation() {
    const std::string verb = oneOf({"add", "remove", "replace", "Replace"});
    std::string out = R"({"op":")" + verb + "\",";
    if (pick(8) == 0) {
      const std::string name =
          oneOf({"text", "tags", "details", "items", "fixed", "computed", "parts"});
      return out + R"("value":{"odd":1,"id":"x",")" + name + "\":" + valueFor(name) + "}}";
    }
    const std::string where = path();
    out += R"("path":")" + where + "\"";
    if (verb != "remove" || pick(4) == 0) out += ",\"value\":" + valueFor(where);
    return out + "}";
  }

  std::string path() {
    switch (pick(3)) {
      case 0:
        return oneOf({"text", "label", "fixed", "tags", "codes", "parts", "details", "items",
                      "pairs", "fixedTags", "EXTRA", "EXTRA:color", "EXTRA:owner", "EXTRA:badges"});
      case 1:
        return oneOf({"details.note", "details.value", "details.serial", "details.size",
                      "EXTRA:owner.value", "EXTRA.owner.value"});
      default:
        return oneOf({"items", "pairs", "tags", "parts", "fixedTags"}) + "[" +
               oneOf({R"(value eq \"a\")", R"(type eq \"t1\")", "value pr",
                      R"(type eq \"t1\" and primary eq true)", R"(left eq \"l\")",
                      R"(value eq \"z\")", R"(not (value eq \"a\"))"}) +
               "]" + oneOf({"", "", ".value", ".note", ".primary", ".serial", ".type", ".left"});
    }
  }

  /// Mostly of a kind that the path takes.
  std::string valueFor(const std::string& path) {
    if (pick(6) == 0) return oneOf({"null", R"("")", "1", "true", "[]", "{}", R"([["a"]])"});
    const bool simple = path.find("].") != std::string::npos || path.find("details.") == 0;
    if (path.ends_with(".primary")) return oneOf({"true", "false", R"("True")"});
    if (!simple && (path.starts_with("items") || path.starts_with("pairs"))) {
      return oneOf({R"({"value":"a"})", R"({"value":"z","primary":true})",
                    R"({"note":"m","serial":"s"})", R"([{"value":"a","type":"t1"},{"value":"z"}])",
                    R"({"value":null,"note":""})", R"({"left":"l","right":null})",
                    R"({"serial":"other"})",
                    R"([{"value":"a","primary":true},{"value":"b","primary":true}])"});
    }
    if (!simple && (path.starts_with("details") || path == "EXTRA:owner" || path == "EXTRA")) {
      return oneOf({R"({"note":"m"})", R"({"value":"w","shown":"W"})",
                    R"({"serial":"s","note":null})", R"({"serial":"other"})",
                    R"({"color":"red","owner":{"value":"o"}})"});
    }
    if (path.starts_with("codes")) return oneOf({"1", "[1,3]", "[2]"});
    return oneOf({R"("a")", R"("z")", R"("f")", R"(["a","z"])", R"(["x","y"])", R"("s")"});
  }

  std::mt19937 random_;
};

TEST(PatchProperty, ResultsAreCanonicalAndKeepWhatIsFixed) {
  Generator generator(20'261'123);
  const json::Object before = start();
  std::size_t changed = 0;
  std::size_t refused = 0;
  constexpr std::size_t kRuns = 20'000;
  for (std::size_t i = 0; i < kRuns; ++i) {
    const std::string operations = generator.operations();
    SCOPED_TRACE(operations);
    Result<json::Object> result = patched(*schemas().probe, before, operations);
    if (!result) {
      ++refused;
      ASSERT_NE(result.error().kind, ErrorKind::kInternal) << result.error().internal;
      ASSERT_FALSE(result.error().detail.empty());
      continue;
    }
    changed += *result == before ? 0U : 1U;
    Result<json::Object> finished = finish(*schemas().probe_registry, *schemas().probe, *result);
    ASSERT_TRUE(finished) << finished.error().detail;
    ASSERT_EQ(json::write(*finished), json::write(*result));
    for (const char* fixed : {"fixed", "fixedTags", "computed"}) {
      ASSERT_NE(result->find(fixed), nullptr);
      ASSERT_EQ(json::write(*result->find(fixed)), json::write(*before.find(fixed)));
    }
    ASSERT_EQ(result->find("details")->stringAt("serial"), "s");
  }
  EXPECT_GT(changed, kRuns / 10);
  EXPECT_GT(refused, kRuns / 10);
}

}  // namespace
}  // namespace vestibule::scim
