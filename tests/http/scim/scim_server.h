#pragma once
// One server for all tests of this program, and an empty domain for each.

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "json/write.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {

/// The server with tokens for everything. Started by the first test that asks.
class ScimServer {
 public:
  static ScimServer& get() {
    static ScimServer server;
    return server;
  }

  /// Makes a domain without resources that takes every name, and returns its name.
  std::string emptyDomain() {
    const std::string name = "D" + std::to_string(++domains_made_);
    const std::string any = R"("^.{1,255}$")";
    std::string settings = R"("CaseInsensitiveUsername": true)";
    for (const char* name_of : {"Username", "Rolename", "Password"}) {
      for (const char* kind : {"JavaRegEx", "JavaScriptRegEx"}) {
        settings += std::string(", \"") + name_of + kind + "\": " + any;
      }
    }
    const std::string body = R"({"name": ")" + name + R"(", "settings": {)" + settings + "}}";
    const Answer made = process_.internal("POST", "/admin/v1/domains", admin_, body);
    if (made.status != 201) throw std::runtime_error("no domain: " + made.body);
    return name;
  }

  static std::string baseOf(const std::string& domain) { return "/domains/" + domain + "/scim/v2"; }

  Answer request(std::string_view method, const std::string& target, std::string_view body = {},
                 const std::vector<std::string>& headers = {}) const {
    return process_.scim(method, target, scim_, body, headers);
  }
  [[nodiscard]] const ServerProcess& process() const { return process_; }
  [[nodiscard]] const std::string& adminToken() const { return admin_; }

  /// A token that reads and writes with these tolerances. The same for the same text.
  std::string tokenWith(const std::string& tolerances) {
    std::string& token = tokens_[tolerances];
    if (!token.empty()) return token;
    json::Object body{{"name", "tolerating " + std::to_string(tokens_.size())},
                      {"scopes", "scim:read scim:write"},
                      {"tolerances", tolerances}};
    const Answer made = process_.internal("POST", "/admin/v1/tokens", admin_, json::write(body));
    if (made.status != 201) throw std::runtime_error("no token: " + made.body);
    token = made.json().stringAt("token").value_or("");
    return token;
  }

 private:
  ScimServer()
      : process_(VESTIBULE_BINARY, folder_.path() / "data", {{"VESTIBULE_SCIM_MAX_RESULTS", "37"}}),
        scim_(process_.token("scim", "scim:read scim:write")),
        admin_(process_.token("admin", "admin")) {}

  TemporaryFolder folder_;
  ServerProcess process_;
  std::string scim_;
  std::string admin_;
  std::map<std::string, std::string> tokens_;  ///< by their tolerances
  int domains_made_ = 0;
};

}  // namespace vestibule::test
