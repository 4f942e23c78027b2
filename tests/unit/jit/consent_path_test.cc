#include "jit/consent_path.h"

#include <gtest/gtest.h>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::schemas;

constexpr const char* kManager =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

Result<ConsentPath> bind(std::string_view path) {
  return ConsentPath::bind(*schemas().registry, *schemas().user, path);
}

AttributeTarget target(std::string_view path) {
  auto bound = AttributeTarget::bind(*schemas().registry, *schemas().user, path);
  EXPECT_TRUE(bound) << bound.error().detail;
  return *std::move(bound);
}

TEST(ConsentPath, CoversWhatItNamesAndItsPartsAndNothingElse) {
  const std::string manager = std::string(kManager) + ".value";
  struct Case {
    const char* path;
    std::string target;
    bool covered;
  };
  const Case cases[] = {
      {"emails", "emails", true},
      {"emails", R"(emails[type eq "work"].value)", true},
      {"emails", R"(emails[type eq "home"].display)", true},
      {"name", "name.givenName", true},
      {"name", "nickName", false},
      {"name.givenName", "name.givenName", true},
      {"name.givenName", "name.familyName", false},
      {"addresses", R"(addresses[type eq "work"].locality)", true},
      {"title", "title", true},
      {"title", "userType", false},
      {kManager, manager, true},
      {manager.c_str(), manager, true},
      {"displayName", manager, false},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(std::string(look.path) + " and " + look.target);
    const auto path = bind(look.path);
    ASSERT_TRUE(path) << path.error().detail;
    EXPECT_EQ(path->covers(target(look.target)), look.covered);
  }
}

TEST(ConsentPath, OfAPurposeAsAWholeIsAboutNoAttribute) {
  EXPECT_EQ(ConsentPath().text(), "");
  EXPECT_FALSE(ConsentPath().covers(target("title")));
}

TEST(ConsentPath, IsWrittenInCanonicalSpelling) {
  EXPECT_EQ(bind("NAME.givenname")->text(), "name.givenName");
  EXPECT_EQ(bind("urn:ietf:params:scim:schemas:core:2.0:User:Title")->text(), "title");
  EXPECT_EQ(bind("urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:MANAGER")->text(),
            kManager);
  EXPECT_EQ(ConsentPath::ofText("name.givenName").text(), "name.givenName");
}

TEST(ConsentPath, ContainsItselfAndItsParts) {
  EXPECT_TRUE(bind("name")->contains(*bind("name.givenName")));
  EXPECT_TRUE(bind("name")->contains(*bind("name")));
  EXPECT_FALSE(bind("name.givenName")->contains(*bind("name")));
  EXPECT_FALSE(bind("name")->contains(*bind("nickName")));
}

TEST(ConsentPath, RefusesWhatNoIdentityProviderWrites) {
  struct Case {
    const char* path;
    const char* part_of_text;
  };
  const Case cases[] = {
      {"", ""},
      {"nothing", "nothing"},
      {"emails.value", "emails.value"},
      {R"(emails[type eq "work"])", "'emails' as a whole"},
      {R"(emails[type eq "work"].value)", "'emails' as a whole"},
      {"userName", "userIdClaim"},
      {"active", "cannot enable or disable"},
      {"password", "credential"},
      {"groups", "roleClaim"},
      {"id", "readOnly"},
      {"meta", "readOnly"},
      {"schemas", "schemas"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "is a schema"},
      {"name..givenName", ""},
      {"name'; DROP TABLE users", ""},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.path);
    const auto path = bind(look.path);
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().kind, ErrorKind::kInvalidValue);
    EXPECT_NE(path.error().detail.find(look.part_of_text), std::string::npos)
        << path.error().detail;
  }
}

}  // namespace
}  // namespace vestibule::jit
