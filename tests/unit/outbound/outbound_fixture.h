#pragma once
// What the unit tests of outbound work on: a context without a database, and a SCIM service made of
// answers.

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "directory/context.h"
#include "json/write.h"
#include "outbound/scim_client.h"
#include "outbound/target.h"
#include "support/scim_schemas.h"

namespace vestibule::outbound::test {

using scim::test::parsed;
using scim::test::schemas;

inline directory::Context contextOfSchemas() {
  directory::Context context;
  context.registry = schemas().registry;
  context.user_type = schemas().user;
  context.group_type = schemas().group;
  return context;
}

/// The target with these members over the least that one needs.
inline Result<CompiledTarget> compiled(std::string_view members) {
  static const auto context = contextOfSchemas();
  json::Value document = parsed(
      R"({"name": "hr", "baseUrl": "https://hr.example/scim/v2",
          "authentication": {"type": "bearer", "token": "s3cr3t-text"}})");
  const json::Value changes = parsed(members);
  for (const json::Member& member : *changes.object()) {
    document.object()->set(member.key, member.value);
  }
  return compileTarget(context, document);
}

inline Target targetOf(std::string_view members) {
  auto target = compiled(members);
  EXPECT_TRUE(target) << target.error().detail;
  return target ? std::move(target->target) : Target();
}

/// Answers in order, and notes what it was asked: method, path behind the base and body.
class ScriptedService {
 public:
  void answers(int status, std::string body = "") {
    answers_.push_back({status, std::move(body), {}, {}});
  }

  [[nodiscard]] ScimClient client() {
    return {"https://hr.example", [this](const RemoteRequest& request) {
              asked.push_back(request.method + " " +
                              request.url.substr(std::string("https://hr.example").size()) +
                              (request.body.empty() ? "" : " " + request.body));
              if (answers_.empty()) return RemoteAnswer{500, "", {}, {}};
              RemoteAnswer answer = answers_.front();
              answers_.pop_front();
              return answer;
            }};
  }

  std::vector<std::string> asked;

 private:
  std::deque<RemoteAnswer> answers_;
};

}  // namespace vestibule::outbound::test
