#include "directory/changed_attributes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/parse.h"

namespace vestibule::directory {
namespace {

json::Object objectOf(const std::string& text) { return *json::parse(text).value().object(); }

TEST(ChangedAttributes, AreNamedWithoutTheirValues) {
  struct Case {
    const char* what;
    const char* before;
    const char* after;
    std::vector<std::string> names;
  };
  const std::vector<Case> cases = {
      {"nothing", R"({"a": 1, "b": [1]})", R"({"b": [1], "a": 1})", {}},
      {"another value", R"({"a": 1, "b": {"c": 1}})", R"({"a": 1, "b": {"c": 2}})", {"b"}},
      {"new and gone", R"({"a": 1, "b": 2})", R"({"b": 2, "c": 3})", {"c", "a"}},
      {"schemas follow the rest", R"({"schemas": ["x"]})", R"({"schemas": ["y"]})", {}},
      {"in an extension",
       R"({"urn:x:2.0:User": {"d": 1, "e": 1}})",
       R"({"urn:x:2.0:User": {"d": 2, "e": 1}})",
       {"urn:x:2.0:User:d"}},
      {"a new extension", R"({})", R"({"urn:x:2.0:User": {"d": 2}})", {"urn:x:2.0:User:d"}},
      {"an extension that goes",
       R"({"urn:x:2.0:User": {"schemas": 2}})",
       R"({})",
       {"urn:x:2.0:User:schemas"}},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(changedAttributes(objectOf(one.before), objectOf(one.after)), one.names) << one.what;
  }
}

}  // namespace
}  // namespace vestibule::directory
