// Guard-rails as a client and an operator see them (O-4).

#include "http/scim/own_domain.h"

namespace vestibule::test {
namespace {

class GuardRails : public OwnDomain {
 protected:
  Answer admin(std::string_view method, const std::string& path, std::string_view body = {}) const {
    return server().process().internal(method, "/admin/v1/domains/" + domain + path,
                                       server().adminToken(), body);
  }
  void guard(const std::string& rails) const {
    const Answer answer = admin("PATCH", "", R"({"settings":{"guardRails":)" + rails + "}}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
};

TEST_F(GuardRails, AnswersTooManyRequestsWithRetryAfterAndShowsHowItStands) {
  const auto one = idOf(make("/Users", user("one")));
  const auto two = idOf(make("/Users", user("two")));
  guard(R"({"windowMinutes":30,"deletes":1})");
  EXPECT_EQ(send("DELETE", "/Users/" + one).status, 204);
  const Answer refused = send("DELETE", "/Users/" + two);
  EXPECT_EQ(refused.status, 429);
  const auto seconds = std::stoi(refused.header("Retry-After").value_or("0"));
  EXPECT_GT(seconds, 1'700);
  EXPECT_LE(seconds, 1'800);
  const json::Value error = refused.json();
  EXPECT_EQ(text(error, "status"), "429");
  EXPECT_EQ(error.find("scimType"), nullptr) << "RFC 7644 has none that fits";
  EXPECT_NE(text(error, "detail")
                .find("guard-rail \"deletes\" of user store domain " + domain +
                      ": at most 1 in 30 minutes"),
            std::string::npos)
      << refused.body;
  EXPECT_EQ(send("GET", "/Users/" + two).status, 200);

  const json::Value state = admin("GET", "/guard-rails").json();
  EXPECT_EQ(state.boolAt("lifted"), false);
  EXPECT_EQ(json::write(*state.find("guardRails")), R"({"windowMinutes":30,"deletes":1})");
  ASSERT_EQ(state.find("windows")->array()->size(), 1U);
  const json::Value& window = state.find("windows")->array()->front();
  EXPECT_EQ(text(*window.find("actor"), "type"), "token");
  EXPECT_EQ(text(*window.find("actor"), "name"), "scim");
  EXPECT_EQ(text(window, "kind"), "deletes");
  EXPECT_EQ(json::write(*window.find("used")), "1");
  EXPECT_EQ(json::write(*window.find("cap")), "1");
  EXPECT_EQ(json::write(*window.find("refused")), "1");
  EXPECT_NE(server()
                .process()
                .internal("GET", "/metrics", server().adminToken())
                .body.find("vestibule_guard_rail_refusals_total{kind=\"deletes\"} "),
            std::string::npos);

  guard(R"({"liftedUntil":"2999-01-01T00:00:00Z"})");
  EXPECT_EQ(send("DELETE", "/Users/" + two).status, 204);
}

TEST_F(GuardRails, AnswersTheOperationOfABulkRequest) {
  const auto one = idOf(make("/Users", user("one")));
  const auto two = idOf(make("/Users", user("two")));
  guard(R"({"deletes":1})");
  const Answer answer =
      send("POST", "/Bulk",
           R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)"
           R"({"method":"DELETE","path":"/Users/)" +
               one + R"("},{"method":"DELETE","path":"/Users/)" + two + R"("}]})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json::Value body = answer.json();
  const auto& operations = *body.find("Operations")->array();
  ASSERT_EQ(operations.size(), 2U);
  EXPECT_EQ(text(operations[0], "status"), "204");
  EXPECT_EQ(text(operations[1], "status"), "429");
  EXPECT_EQ(text(*operations[1].find("response"), "status"), "429");
}

TEST_F(GuardRails, RefusesSettingsThatCannotBe) {
  const struct {
    const char* rails;
    const char* code;
  } rows[] = {
      {"true", "POL-1022"},
      {R"({"deletes":0})", "POL-1022"},
      {R"({"removals":1})", "POL-1021"},
      {R"({"deletes":1,"liftedUntil":"tomorrow"})", "POL-1022"},
  };
  for (const auto& row : rows) {
    const Answer answer =
        admin("PATCH", "", std::string(R"({"settings":{"guardRails":)") + row.rails + "}}");
    EXPECT_EQ(answer.status, 400) << row.rails;
    EXPECT_EQ(text(answer.json(), "code"), row.code) << answer.body;
  }
}

}  // namespace
}  // namespace vestibule::test
