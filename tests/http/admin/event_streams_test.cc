// Event streams over the admin API.

#include "feed/fan_out.h"
#include "http/admin/admin_api_fixture.h"

namespace vestibule::http {
namespace {

constexpr const char* kStreams = "/admin/v1/event-streams";
constexpr const char* kHook = "/admin/v1/event-streams/hook";
const std::string kWebhook =
    R"({"name": "hook", "kind": "webhook", "url": "https://x.example/", "secret": "0123456789abcdef"})";

class AdminEventStreams : public AdminApi {
 protected:
  AdminEventStreams() { addEventStreamRoutes(router_, context_); }
};

TEST_F(AdminEventStreams, AreMadeChangedAndDeletedWithVersions) {
  const auto made = ask(Method::kPut, kHook, kWebhook);
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(etagOf(made), "W/\"1\"");
  EXPECT_EQ(made.headers.first("Location"), kHook);
  EXPECT_EQ(etagOf(ask(Method::kPut, kHook, kWebhook)), "W/\"1\"") << "nothing has changed";
  EXPECT_EQ(ask(Method::kPatch, kHook, R"({"state": "paused"})", "W/\"9\"").status, 412);
  const auto changed = ask(Method::kPatch, kHook, R"({"state": "paused"})", "W/\"1\"");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(read(changed).stringAt("state"), "paused");
  EXPECT_EQ(read(ask(Method::kGet, kStreams)).find("eventStreams")->array()->size(), 1U);
  EXPECT_EQ(ask(Method::kDelete, kHook).status, 204);
  EXPECT_EQ(ask(Method::kGet, kHook).status, 404);
  EXPECT_EQ(
      onlooker_.rows("SELECT action, actor_name FROM " + table("control.audit_events") +
                     " WHERE action LIKE 'event-stream.%' ORDER BY seq"),
      (std::vector<std::string>{"event-stream.created|operator", "event-stream.updated|operator",
                                "event-stream.deleted|operator"}));
}

TEST_F(AdminEventStreams, RefuseWhatCannotWork) {
  const struct {
    const char* body;
    int status;
  } kWrong[] = {
      {"[]", 400},
      {R"({"name": "other", "kind": "poll"})", 400},
      {R"({"name": "hook", "kind": "webhook", "url": "https://x.example/"})", 400},
      {R"({"name": "hook", "kind": "webhook", "url": "https://x.example/", "secret": "short"})",
       400},
      {R"({"name": "hook", "kind": "webhook", "url": "https://x.example/", "secret": "0123456789abcdef", "domains": ["NONE"]})",
       400},
  };
  for (const auto& [body, status] : kWrong) {
    EXPECT_EQ(ask(Method::kPut, kHook, body).status, status) << body;
  }
  ASSERT_EQ(ask(Method::kPut, kHook, kWebhook).status, 201);
  for (const char* body : {R"({"name": "other"})", R"({"kind": "push", "audience": ["a"]})",
                           R"({"secret": null})", R"({"url": "http://x.example/"})", "3"}) {
    EXPECT_EQ(ask(Method::kPatch, kHook, body).status, 400) << body;
  }
}

TEST_F(AdminEventStreams, AreNotForTokensBoundToDomains) {
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, kStreams).status, 403);
  EXPECT_EQ(askBound({"CORP"}, Method::kPut, kHook, kWebhook).status, 403);
}

TEST_F(AdminEventStreams, TellOfWhatWaitsAndWhatIsDead) {
  ASSERT_EQ(ask(Method::kPut, kHook, kWebhook).status, 201);
  usual();
  login("s1", R"({"uid": "bob", "title": "Boss", "groups": []})");
  EXPECT_EQ(must(feed::fanOut(context_)), store::FannedOut::kSome);
  const std::string status = std::string(kHook) + "/status";
  EXPECT_EQ(*read(ask(Method::kGet, status)).find("waiting")->number()->asInt64(), 1);
  onlooker_.run("UPDATE " + table("control.event_deliveries") + " SET state = 2, code = 'no'");
  const auto dead = read(ask(Method::kGet, std::string(kHook) + "/dead"));
  ASSERT_EQ(dead.find("events")->array()->size(), 1U);
  const std::string id(*dead.find("events")->array()->front().stringAt("id"));
  const std::string one = std::string(kHook) + "/dead/" + id;
  EXPECT_EQ(ask(Method::kPost, one + "/redeliver").body, R"({"redelivered":1})");
  EXPECT_EQ(ask(Method::kPost, one + "/redeliver").status, 404);
  onlooker_.run("UPDATE " + table("control.event_deliveries") + " SET state = 2, code = 'no'");
  EXPECT_EQ(ask(Method::kPost, std::string(kHook) + "/redeliver").body, R"({"redelivered":1})");
  onlooker_.run("UPDATE " + table("control.event_deliveries") + " SET state = 2, code = 'no'");
  EXPECT_EQ(ask(Method::kDelete, one).status, 204);
  EXPECT_EQ(ask(Method::kDelete, one).status, 404);
}

}  // namespace
}  // namespace vestibule::http
