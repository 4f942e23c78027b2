#pragma once
// An empty domain of its own for each test, and what most tests send there.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/scim/scim_server.h"

namespace vestibule::test {

class OwnDomain : public ::testing::Test {
 protected:
  static constexpr const char* kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
  static constexpr const char* kEnterprise =
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
  static constexpr const char* kUnknownId = "0b0e7c1e-0000-4000-8000-000000000000";

  static ScimServer& server() { return ScimServer::get(); }

  Answer send(std::string_view method, const std::string& path, std::string_view body = {},
              const std::vector<std::string>& headers = {}) const {
    return server().request(method, base + path, body, headers);
  }
  json::Value read(const std::string& path) const {
    const Answer answer = send("GET", path);
    EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
    return answer.json();
  }
  /// Creates a resource and returns it.
  json::Value make(const std::string& endpoint, const std::string& body) const {
    const Answer made = send("POST", endpoint, body);
    EXPECT_EQ(made.status, 201) << made.body;
    return made.json();
  }

  /// A user with more members, which begin with a comma.
  static std::string user(const std::string& name, const std::string& more = "") {
    return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
           "\"" + more + "}";
  }
  static std::string group(const std::string& name, const std::string& more = "") {
    return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":")" + name +
           "\"" + more + "}";
  }
  static std::string members(const std::vector<std::string>& ids) {
    std::string list;
    for (const auto& id : ids) list += (list.empty() ? "" : ",") + (R"({"value":")" + id + "\"}");
    return R"(,"members":[)" + list + "]";
  }
  static std::string patch(const std::string& operations) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)" +
           operations + "]}";
  }

  static std::string text(const json::Value& object, std::string_view member) {
    return std::string(object.stringAt(member).value_or(""));
  }
  static std::string idOf(const json::Value& resource) { return text(resource, "id"); }
  static std::string metaOf(const json::Value& resource, std::string_view member) {
    const auto* meta = resource.find("meta");
    return meta == nullptr ? "" : text(*meta, member);
  }
  /// The ids of the members of a group, or of the groups of a user, in order.
  static std::vector<std::string> idsIn(const json::Value& resource, std::string_view attribute) {
    std::vector<std::string> ids;
    if (const auto* list = resource.find(attribute); list != nullptr && list->isArray()) {
      for (const auto& element : *list->array()) ids.push_back(text(element, "value"));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  std::int64_t totalOf(const std::string& filter, const std::string& endpoint = "/Users") const {
    const json::Value list = read(endpoint + "?filter=" + percentEncode(filter));
    const auto* total = list.find("totalResults");
    return total == nullptr ? -1 : total->number()->asInt64().value_or(-1);
  }

  static void expectError(const Answer& answer, int status, const std::string& type) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.json().stringAt("scimType").value_or(""), type) << answer.body;
  }

  const std::string domain = server().emptyDomain();
  const std::string base = ScimServer::baseOf(domain);
};

}  // namespace vestibule::test
