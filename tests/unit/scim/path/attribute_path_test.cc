#include "scim/path/attribute_path.h"

#include <gtest/gtest.h>

#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::schemas;

constexpr const char* kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

Result<AttributeRef> resolveUser(std::string_view path, ErrorKind kind = ErrorKind::kInvalidPath) {
  return resolveAttribute(*schemas().registry, *schemas().user, path, kind);
}

TEST(AttributePath, A1_A2_S28_FindsAttributesHoweverTheyAreWritten) {
  struct Case {
    std::string path;
    std::string expected;
    bool common;
  };
  const std::string core = "urn:ietf:params:scim:schemas:core:2.0:User";
  const std::string enterprise = kEnterprise;
  const Case cases[] = {
      {"userName", "userName", false},
      {"USERNAME", "userName", false},
      {"name.givenname", "name.givenName", false},
      {"emails.value", "emails.value", false},
      {"groups.$ref", "groups.$ref", false},
      {core + ":userName", "userName", false},
      {"URN:ietf:params:scim:schemas:core:2.0:user:Name.FamilyName", "name.familyName", false},
      {enterprise + ":manager", enterprise + ":manager", false},
      {enterprise + ":MANAGER.VALUE", enterprise + ":manager.value", false},
      {enterprise + ".department", enterprise + ":department", false},
      {"id", "id", true},
      {"ExternalID", "externalId", true},
      {core + ":externalId", "externalId", true},
      {"meta.lastModified", "meta.lastModified", true},
      {"schemas", "schemas", true},
  };
  for (const Case& test_case : cases) {
    SCOPED_TRACE(test_case.path);
    const auto ref = resolveUser(test_case.path);
    ASSERT_TRUE(ref.has_value()) << ref.error().detail;
    EXPECT_EQ(ref->text(), test_case.expected);
    EXPECT_EQ(ref->schema == nullptr, test_case.common);
    EXPECT_EQ(ref->in_extension, ref->text().find("enterprise") != std::string::npos);
    // What a path prints is a path to the same place.
    EXPECT_EQ(resolveUser(ref->text()), *ref);
  }
}

TEST(AttributePath, RefusesWhatNamesNoAttribute) {
  const std::string enterprise = kEnterprise;
  const std::string cases[] = {"",
                               ".",
                               "userName.",
                               ".value",
                               "name..givenName",
                               "name.givenName.x",
                               "user name",
                               " userName",
                               "nick",
                               "name.nick",
                               "userName.value",
                               "tags",
                               "department",
                               "größe",
                               "emails[0]",
                               "1",
                               enterprise,
                               enterprise + ":",
                               enterprise + ":userName",
                               enterprise + ":manager.",
                               enterprise + "manager",
                               "urn:ietf:params:scim:schemas:core:2.0:User",
                               "urn:ietf:params:scim:schemas:core:2.0:User:",
                               "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
                               "urn:other:department",
                               ":userName",
                               std::string("user\0Name", 9),
                               std::string(100'000, 'a'),
                               std::string(100'000, '.')};
  for (const std::string& path : cases) {
    SCOPED_TRACE(path.substr(0, 80));
    const auto ref = resolveUser(path);
    ASSERT_FALSE(ref.has_value()) << ref->text();
    EXPECT_EQ(ref.error().kind, ErrorKind::kInvalidPath);
    EXPECT_FALSE(ref.error().detail.empty());
    EXPECT_LT(ref.error().detail.size(), 400U);
  }
}

TEST(AttributePath, FailsTheWayTheCallerAsks) {
  EXPECT_EQ(resolveUser("nick", ErrorKind::kInvalidFilter).error().kind, ErrorKind::kInvalidFilter);
}

TEST(AttributePath, ErrorsRepeatOnlyPrintableText) {
  EXPECT_EQ(resolveUser("ni\nck\x7F").error().detail, "'ni?ck?' is not an attribute path");
}

}  // namespace
}  // namespace vestibule::scim
