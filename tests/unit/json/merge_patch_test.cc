#include "json/merge_patch.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"

namespace vestibule::json {
namespace {

struct Case {
  const char* target;
  const char* patch;
  const char* result;
};

// The examples of RFC 7396 appendix A.
TEST(MergePatch, DoesWhatTheRfcShows) {
  const Case cases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(std::string(look.target) + " + " + look.patch);
    auto target = parse(look.target);
    const auto patch = parse(look.patch);
    ASSERT_TRUE(target && patch);
    mergePatch(*target, *patch);
    EXPECT_EQ(write(*target), look.result);
  }
}

}  // namespace
}  // namespace vestibule::json
