// What real identity providers issue, unchanged, through a running server: the settings are
// applied, the claims posted, and the user read by SCIM.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "json/parse.h"
#include "json/write.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

struct Look {
  const char* name;       ///< of the files
  const char* domain;     ///< where the user goes
  const char* user_name;  ///< what it is called there
  std::vector<std::string> groups;
};

const std::vector<Look> kLooks = {
    {"okta", "PRIMARY", "zoe.nunez@acme.example", {"admins"}},
    {"entra", "PRIMARY", "lukas.muller@contoso.example", {"employees", "engineers"}},
    {"google", "PRIMARY", "yuki.tanaka@lingua.example", {}},
    {"keycloak", "CORP", "bjorn", {"managers"}},
    {"wso2", "CORP", "amara.okafor", {"auditors", "finance"}},
};

std::string golden(const std::string& folder, const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::filesystem::path(VESTIBULE_SOURCE_DIR) / "tests/golden" / folder /
                        (name + ".json"))
              .rdbuf();
  return text.str();
}

TEST(RealClaims, MakeTheirUsers) {
  const TemporaryFolder folder;
  const ServerProcess server(VESTIBULE_BINARY, folder.path() / "data");
  const auto settings = R"(UsernameJavaRegEx=^[^\s*?%/]{3,100}$)";
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"domain", "create", "CORP", "--set", settings},
        {"domain", "set", "PRIMARY", "--set", settings}}) {
    const auto done = server.command(line);
    ASSERT_EQ(done.status, 0) << done.errors;
  }
  const auto scim = server.token("scim", "scim:read scim:write");
  const auto admin = server.token("admin", "admin");
  const auto jit = server.token("jit", "jit");
  for (const Look& look : kLooks) {
    SCOPED_TRACE(look.name);
    const std::string base = std::string("/domains/") + look.domain + "/scim/v2";
    for (const auto& group : look.groups) {
      const auto made =
          server.scim("POST", base + "/Groups", scim,
                      json::write(json::Object{
                          {"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:Group"}},
                          {"displayName", group}}));
      ASSERT_EQ(made.status, 201) << made.body;
    }
    const std::string settings_text = golden("identity_providers", look.name);
    const auto applied = server.internal("POST", "/admin/v1/identity-providers", admin,
                                         settings_text, {"Content-Type: application/json"});
    ASSERT_EQ(applied.status, 201) << applied.body;

    const std::string claims = golden("claims", look.name);
    const std::string login =
        R"({"identityProvider":")" +
        std::string(*json::parse(settings_text).value().stringAt("name")) + R"(","subject":")" +
        std::string(*json::parse(claims).value().stringAt("sub")) + R"(","claims":)" + claims + "}";
    const auto post = [&] {
      return server.internal("POST", "/jit/v1/provision", jit, login,
                             {"Content-Type: application/json"});
    };
    const auto first = post();
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.json().stringAt("outcome"), "created");
    EXPECT_EQ(first.json().stringAt("domain"), look.domain);
    const auto again = post();
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(again.json().stringAt("outcome"), "unchanged");

    const auto found = server.scim(
        "GET",
        base +
            "/Users?filter=" + percentEncode(std::string("userName eq \"") + look.user_name + "\""),
        scim);
    ASSERT_EQ(found.status, 200) << found.body;
    const json::Value list = found.json();
    ASSERT_EQ(list.find("Resources")->array()->size(), 1U) << found.body;
    const json::Value& user = list.find("Resources")->array()->front();
    EXPECT_EQ(user.stringAt("userName"), look.user_name);
    std::vector<std::string> groups;
    if (const auto* shown = user.find("groups")) {
      for (const auto& group : *shown->array()) groups.emplace_back(*group.stringAt("display"));
    }
    std::sort(groups.begin(), groups.end());
    EXPECT_EQ(groups, look.groups);
  }
}

}  // namespace
}  // namespace vestibule::test
