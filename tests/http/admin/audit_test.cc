// GET /admin/v1/audit, and what changes of links leave there.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "directory/retention.h"
#include "http/admin/admin_api_fixture.h"

namespace vestibule::http {
namespace {

class AuditApi : public AdminApi {
 protected:
  static constexpr const char* kLinks = "/admin/v1/federated-identities";

  AuditApi() {
    gateway_.token_id = "gateway-id";
    gateway_.name = "gateway";
    forget();
  }

  /// What making the test's own settings has left.
  void forget() { onlooker_.run("DELETE FROM " + table("control.audit_events")); }

  void signIn(const std::string& id, const std::string& subject, const std::string& claims) {
    auto asked = request(subject, claims);
    asked.correlation_id = id;
    static_cast<void>(jit::provision(context_, *providers_, gateway_, asked));
  }
  /// Correlation id and action of each event, and `+` before a cursor.
  std::string listed(const std::string& query) {
    const auto response = ask(Method::kGet, "/admin/v1/audit" + query);
    if (response.status != 200) return std::to_string(response.status) + response.body;
    const json::Value body = read(response);
    std::string all;
    for (const auto& event : *body.find("events")->array()) {
      EXPECT_EQ(event.find("trace"), nullptr);
      all += std::string(event.stringAt("correlationId").value_or("-")) + " " +
             std::string(*event.stringAt("action")) + "; ";
    }
    cursor_ = body.stringAt("cursor").value_or("");
    return all + (cursor_.empty() ? "" : "+");
  }

  std::string cursor_;
};

TEST_F(AuditApi, ListsNewestFirstByEachFilter) {
  usual();
  forget();
  signIn("r-1", "s-1", R"({"uid": "bob"})");
  signIn("r-2", "s-2", R"({"uid": "eve"})");
  signIn("r-3", "s-1", R"({"uid": "bob", "title": "Boss"})");
  signIn("r-4", "s-3", R"({"uid": "no good name"})");
  const std::string bob = idOf(login("s-1", R"({"uid": "bob", "title": "Boss"})")).text();
  const std::string all = "r-4 jit.refused; r-3 jit.updated; r-2 jit.created; r-1 jit.created; ";
  EXPECT_EQ(listed(""), all);
  EXPECT_EQ(listed("?correlationId=r-2"), "r-2 jit.created; ");
  EXPECT_EQ(listed("?user=" + bob), "r-3 jit.updated; r-1 jit.created; ");
  EXPECT_EQ(listed("?identityProvider=idp"), all);
  EXPECT_EQ(listed("?identityProvider=gone"), "");
  EXPECT_EQ(listed("?identityProvider=idp&subject=s-1"), "r-3 jit.updated; r-1 jit.created; ");
  EXPECT_EQ(listed("?action=jit.created"), "r-2 jit.created; r-1 jit.created; ");
  EXPECT_EQ(listed("?action=jit.created&user=" + bob), "r-1 jit.created; ");
  EXPECT_EQ(listed("?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z"), all);
  EXPECT_EQ(listed("?from=2099-01-01T00:00:00Z"), "");
  EXPECT_EQ(listed("?to=2020-01-01T00:00:00Z"), "");

  EXPECT_EQ(listed("?count=3"), "r-4 jit.refused; r-3 jit.updated; r-2 jit.created; +");
  EXPECT_EQ(listed("?count=3&cursor=" + cursor_), "r-1 jit.created; ");

  const json::Value body = read(ask(Method::kGet, "/admin/v1/audit?correlationId=r-3"));
  json::Object event = *body.find("events")->array()->front().object();
  EXPECT_TRUE(event.erase("at"));
  EXPECT_EQ(json::write(event),
            R"({"correlationId":"r-3","action":"jit.updated",)"
            R"("actor":{"id":"gateway-id","name":"gateway"},"identityProvider":"idp",)"
            R"("subject":"s-1","domain":"CORP","user":")" +
                bob + R"(","versionBefore":1,"versionAfter":2,"attributes":["title"]})");
}

TEST_F(AuditApi, WrongFiltersAreRefusedWithTheReason) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"?user=bob", "user is the id"},       {"?subject=s", "identity provider"},
      {"?identityProvider=", "the name"},    {"?from=yesterday", "from is a date"},
      {"?to=2026", "to is a date"},          {"?count=0", "from 1 to 1000"},
      {"?count=1001", "from 1 to 1000"},     {"?count=x", "from 1 to 1000"},
      {"?cursor=x", "not one of this list"}, {"?cursor=AAAA", "not one of this list"},
  };
  for (const auto& [query, says] : cases) {
    const auto response = ask(Method::kGet, "/admin/v1/audit" + query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_NE(response.body.find(says), std::string::npos) << query << response.body;
  }
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, "/admin/v1/audit").status, 403);
}

TEST_F(AuditApi, AChangeOfALinkHasAnEventAboutEachUser) {
  usual();
  group("CORP/sailors");
  const auto ada = scimUser(R"("userName": "CORP/ada")").text();
  const auto bob = scimUser(R"("userName": "CORP/bob")").text();
  const auto user = [](const std::string& id) { return R"("user": ")" + id + "\"}"; };
  const auto linked =
      ask(Method::kPost, kLinks, R"({"identityProvider": "idp", "subject": "s-1", )" + user(ada));
  ASSERT_EQ(linked.status, 201);
  EXPECT_TRUE(linked.headers.first("X-Correlation-Id"));
  EXPECT_EQ(
      listed("?correlationId=" + std::string(linked.headers.first("X-Correlation-Id").value_or("")))
              .find("identity.linked") != std::string::npos,
      true);
  signIn("r-1", "s-1", R"({"uid": "ada", "groups": ["sailors"]})");
  const std::string pair = std::string(kLinks) + "?identityProvider=idp&subject=s-1";
  ASSERT_EQ(ask(Method::kPatch, pair, "{" + user(bob)).status, 200);
  ASSERT_EQ(ask(Method::kDelete, pair).status, 204);

  const auto actions = [&](const std::string& id) {
    const json::Value body = read(ask(Method::kGet, "/admin/v1/audit?user=" + id));
    std::string all;
    for (const auto& event : *body.find("events")->array()) {
      all += std::string(*event.stringAt("action")) + " by " +
             std::string(*event.find("actor")->stringAt("name"));
      if (const auto* revoked = event.find("revoked")) all += " " + json::write(*revoked);
      all += "; ";
    }
    return all;
  };
  EXPECT_EQ(actions(ada), R"(identity.unlinked by operator ["sailors"]; jit.updated by gateway; )"
                          "identity.linked by operator; user.created by ; ");
  EXPECT_EQ(actions(bob),
            "identity.unlinked by operator; identity.moved by operator; user.created by ; ");
  // What was refused has changed nothing.
  const auto before = count("control.audit_events");
  EXPECT_EQ(ask(Method::kDelete, pair).status, 404);
  EXPECT_EQ(ask(Method::kPatch, pair, "{" + user(bob)).status, 404);
  EXPECT_EQ(count("control.audit_events"), before);
}

TEST_F(AuditApi, TellsWhatAdministratorsChange) {
  const auto did = [&](Method method, const std::string& path, const std::string& body) {
    const auto response = ask(method, path, body);
    EXPECT_LT(response.status, 300) << path << response.body;
  };
  const std::string provider = std::string(kProviders) + "/okta";
  const std::string purpose = "/admin/v1/consent-purposes/mail";
  const std::string texts = R"("texts": {"en": {"title": "Mail", "description": "We write."}})";
  did(Method::kPost, kDomains, R"({"name": "OPS"})");
  did(Method::kPatch, std::string(kDomains) + "/OPS",
      R"({"description": "d", "settings": {"ReadOnly": true, "Disabled": false}})");
  did(Method::kPatch, std::string(kDomains) + "/OPS", R"({"description": "d"})");  // nothing new
  did(Method::kDelete, std::string(kDomains) + "/OPS?confirm=OPS", "");
  did(Method::kPut, provider, R"({"name": "okta"})");
  did(Method::kPatch, provider, R"({"enabled": false})");
  did(Method::kDelete, provider, "");
  did(Method::kPut, purpose, R"({"name": "mail", )" + texts + "}");
  did(Method::kPatch, purpose, R"({"texts": {"en": {"title": "Post"}}})");
  did(Method::kDelete, purpose, "");
  did(Method::kPost, kTokens, R"({"name": "t", "scopes": "jit"})");
  did(Method::kPost, std::string(kTokens) + "/t/rotate", R"({"overlapSeconds": 60})");
  did(Method::kDelete, std::string(kTokens) + "/t", "");

  const json::Value body = read(ask(Method::kGet, "/admin/v1/audit"));
  std::vector<std::string> told;
  for (const auto& event : *body.find("events")->array()) {
    EXPECT_EQ(event.find("actor")->stringAt("name"), "operator");
    EXPECT_TRUE(event.stringAt("correlationId"));
    const auto number = [&](std::string_view key) {
      const auto* version = event.find(key);
      return version == nullptr ? "-" : json::write(*version);
    };
    const auto* attributes = event.find("attributes");
    told.push_back(std::string(*event.stringAt("action")) + " " +
                   std::string(event.stringAt("target").value_or("?")) + " " +
                   number("versionBefore") + " " + number("versionAfter") +
                   (attributes == nullptr ? "" : " " + json::write(*attributes)));
  }
  std::reverse(told.begin(), told.end());
  EXPECT_EQ(told, (std::vector<std::string>{
                      "domain.created OPS - -",
                      R"(domain.updated OPS 1 2 ["description","ReadOnly"])",
                      "domain.deleted OPS 2 -",
                      "identity-provider.created okta - -",
                      "identity-provider.updated okta 1 2",
                      "identity-provider.deleted okta 2 -",
                      "consent-purpose.created mail - 1",
                      "consent-purpose.updated mail 1 2",
                      "consent-purpose.deleted mail 2 -",
                      "token.created t - -",
                      "token.rotated t - -",
                      "token.revoked t - -",
                  }));
  // The history of an identity provider is found by its name as those of its logins are.
  EXPECT_EQ(listed("?identityProvider=okta&action=identity-provider.updated").empty(), false);
}

TEST_F(AuditApi, WhatIsTooOldGoesAndItsTraceBefore) {
  usual();
  forget();
  signIn("r-1", "s-1", R"({"uid": "bob"})");
  signIn("r-2", "s-2", R"({"uid": "eve"})");
  signIn("r-3", "s-3", R"({"uid": "ida"})");
  const auto age = [&](const std::string& id, int days) {
    for (const char* name : {"audit_traces", "audit_events"}) {
      onlooker_.run("UPDATE " + table("control." + std::string(name)) +
                    " SET occurred = occurred - " + std::to_string(days) +
                    " * 86400000000 WHERE seq IN (SELECT seq FROM (SELECT seq FROM " +
                    table("control.audit_events") + " WHERE correlation_id = '" + id + "') x)");
    }
  };
  age("r-1", 91);
  age("r-2", 15);
  const directory::RetentionOptions options{std::chrono::hours(24 * 90),
                                            std::chrono::hours(24 * 14)};
  const auto removed = must(directory::expire(*database_, options, now(), [] { return true; }));
  EXPECT_EQ(removed.events, 1U);
  EXPECT_EQ(removed.traces, 2U);
  EXPECT_EQ(listed(""), "r-3 jit.created; r-2 jit.created; ");
  EXPECT_EQ(count("control.audit_traces"), 1U);
}

TEST_F(AuditApi, RetentionStopsBetweenTwoPieces) {
  std::string rows = "(1, '', 'a', '', '')";
  for (int i = 1; i < 2'500; ++i) rows += ", (1, '', 'a', '', '')";
  onlooker_.run("INSERT INTO " + table("control.audit_events") +
                " (occurred, correlation_id, action, actor_id, actor_name) VALUES " + rows);
  const directory::RetentionOptions options{std::chrono::hours(24), std::chrono::hours(24)};
  const auto removed = must(directory::expire(*database_, options, now(), [] { return false; }));
  EXPECT_EQ(removed.events, 1'000U);
  EXPECT_EQ(must(directory::expire(*database_, options, now(), [] { return true; })).events,
            1'500U);
}

TEST_F(AuditApi, RetentionRunsByItselfAndEndsAtOnce) {
  onlooker_.run("INSERT INTO " + table("control.audit_events") +
                " (occurred, correlation_id, action, actor_id, actor_name) VALUES (1, '', 'a', '', "
                "'')");
  {
    Metrics metrics;
    const directory::RetentionMetrics counts(metrics);
    const directory::Retention retention(*database_,
                                         {std::chrono::hours(24), std::chrono::hours(24)}, counts);
    const auto told = [&](std::string_view line) {
      return metrics.text().find(line) != std::string::npos;
    };
    while (!told("vestibule_retention_runs_total{result=\"done\"} 1\n")) std::this_thread::yield();
    EXPECT_TRUE(told("vestibule_retention_removed_total{kind=\"audit_event\"} 1\n"));
  }
  EXPECT_EQ(count("control.audit_events"), 0U);
}

}  // namespace
}  // namespace vestibule::http
