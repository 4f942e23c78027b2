#include "jit/login_checks.h"

#include <gtest/gtest.h>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

TEST(LoginChecks, LookAtWhoeverMayBeDisabledOrSpokenOf) {
  struct Case {
    const char* name;
    const char* jit;
    json::Object user;
    bool usual;
  };
  const Case cases[] = {
      {"active", R"({"isEnabled": true})", {{"userName", "bob"}, {"active", true}}, true},
      {"active by default", R"({"isEnabled": true})", {{"userName", "bob"}}, true},
      {"disabled", R"({"isEnabled": true})", {{"userName", "bob"}, {"active", false}}, false},
      {"a name that looks like it",
       R"({"isEnabled": true})",
       {{"userName", "bob"}, {"displayName", R"("active":false)"}},
       true},
      {"something else of that name",
       R"({"isEnabled": true})",
       {{"userName", "bob"}, {"phone", json::Object{{"active", false}}}},
       false},
      {"logins update nobody",
       R"({"isEnabled": true, "update": false})",
       {{"userName", "bob"}},
       false},
      {"some user is protected",
       R"({"isEnabled": true, "protectedUsers": ["root"]})",
       {{"userName", "bob"}},
       false},
  };
  for (const Case& one : cases) {
    const auto idp = test::provider(std::string(R"({"jit": )") + one.jit + "}");
    EXPECT_EQ(isUsual(idp, json::write(one.user)), one.usual) << one.name;
  }
}

}  // namespace
}  // namespace vestibule::jit
