// What is kept of decisions (J13): a row in the transaction of each that writes, and one of each
// refusal.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

using scim::test::parsed;
using Lines = std::vector<std::string>;

class Audit : public test::JitTest {
 protected:
  Audit() {
    gateway_.token_id = "0123456789abcdef";
    gateway_.name = "gateway";
  }

  ProvisionResult loginAs(const std::string& id, const std::string& subject,
                          std::string_view claims, const std::string& idp = "idp") {
    auto asked = request(subject, claims, idp);
    asked.correlation_id = id;
    return provision(context_, *providers_, gateway_, asked);
  }

  /// These columns of the rows of logins, oldest first.
  Lines events(const std::string& columns) {
    return onlooker_.rows("SELECT " + columns + " FROM " + table("control.audit_events") +
                          " WHERE action LIKE 'jit.%' ORDER BY seq");
  }
  /// What came of each step of the trace of a request, one after the other.
  std::string traceOf(const std::string& id) {
    const auto found = onlooker_.rows("SELECT t.trace FROM " + table("control.audit_events") +
                                      " e JOIN " + table("control.audit_traces") +
                                      " t ON t.seq = e.seq WHERE e.correlation_id = '" + id + "'");
    EXPECT_EQ(found.size(), 1U);
    std::string outcomes;
    if (found.empty()) return outcomes;
    const json::Value trace = parsed(found.front());
    for (const auto& step : *trace.array()) {
      outcomes +=
          std::string(*step.stringAt("step")) + "=" + std::string(*step.stringAt("outcome")) + ";";
    }
    return outcomes;
  }
};

TEST_F(Audit, ALoginThatWritesHasARowAndOneThatDoesNotHasNone) {
  usual();
  group("CORP/writers");
  group("CORP/readers");
  const auto made =
      loginAs("r-1", "s-1", R"({"uid": "bob", "title": "Boss", "groups": ["writers"]})");
  ASSERT_EQ(outcome(made), "created");
  loginAs("r-2", "s-1", R"({"uid": "bob", "title": "Boss", "groups": ["writers"]})");
  loginAs("r-3", "s-1", R"({"uid": "bob", "title": "Chief", "groups": ["readers"]})");
  // New to the digest, and no change of the user: a claim that is mapped to the same value.
  loginAs("r-4", "s-1", R"({"uid": "bob", "title": "Chief", "groups": ["readers", "absent"]})");

  EXPECT_EQ(events("correlation_id, action, actor_id, actor_name, idp_name, subject, "
                   "domain_number, domain_name, version_before, version_after, code"),
            (Lines{"r-1|jit.created|0123456789abcdef|gateway|idp|s-1|2|CORP|-|1|-",
                   "r-3|jit.updated|0123456789abcdef|gateway|idp|s-1|2|CORP|1|2|-"}));
  EXPECT_EQ(events("changes"),
            (Lines{R"({"attributes":["userName","title"],"granted":["writers"]})",
                   R"({"attributes":["title"],"granted":["readers"],"revoked":["writers"]})"}));
  EXPECT_EQ(
      events("COUNT(DISTINCT resource_id), MIN(LOWER(HEX(resource_id)))").front().substr(0, 2),
      "1|");
  const std::string id = idOf(made).text();
  const std::string trace = traceOf("r-1");
  EXPECT_NE(trace.find("write=created;result=created;"), std::string::npos) << trace;
  EXPECT_NE(traceOf("r-3").find("attributes=changed;"), std::string::npos);
  EXPECT_EQ(onlooker_.rows("SELECT COUNT(*) FROM " + table("control.audit_events") +
                           " WHERE resource_id = UNHEX(REPLACE('" + id + "', '-', ''))"),
            Lines{"2"});
}

TEST_F(Audit, ALinkToALocalUserHasARowOfItsOwnKind) {
  jitSettings(R"("userstore": "CORP", "associateLocalUser": true, "accountLookupAttributeMappings":
                 [{"federatedAttribute": "number", "localAttribute": "externalId"}])");
  const auto local = scimUser(R"("userName": "CORP/bob", "externalId": "7")");
  const auto linked = loginAs("r-1", "s-1", R"({"uid": "robert", "number": "7"})");
  ASSERT_EQ(outcome(linked), "linked");
  EXPECT_EQ(idOf(linked), local);
  // Nothing but what is noted of the login itself.
  const std::string noted = '"' + std::string(directory::kProvenanceSchema) + ":identities\"";
  EXPECT_EQ(events("action, version_before, version_after, changes"),
            (Lines{R"(jit.linked|1|2|{"attributes":[)" + noted + "]}"}));
}

TEST_F(Audit, ARefusalHasARowWithItsCodeAndWhomItReached) {
  usual();
  group("CORP/writers");
  const auto made = loginAs("r-1", "s-1", R"({"uid": "bob"})");
  scimPatch(idOf(made), R"({"op": "replace", "path": "active", "value": false})");
  EXPECT_EQ(outcome(loginAs("r-2", "s-1", R"({"uid": "bob"})")), "JIT-1401");
  EXPECT_EQ(outcome(loginAs("r-3", "s-2", R"({"uid": "no good name"})")), "JIT-1202");
  EXPECT_EQ(outcome(loginAs("r-4", std::string(2'000, 's'), R"({"uid": "eve"})")), "JIT-1003");
  EXPECT_EQ(outcome(loginAs("r-6", "s-2", R"({"uid": "eve"})", "nobody")), "JIT-1001");
  EXPECT_EQ(events("correlation_id, action, subject, domain_name, resource_id IS NULL, "
                   "version_after, code"),
            (Lines{"r-1|jit.created|s-1|CORP|0|1|-", "r-2|jit.refused|s-1|CORP|0|-|JIT-1401",
                   "r-3|jit.refused|s-2|CORP|1|-|JIT-1202", "r-4|jit.refused|-|-|1|-|JIT-1003"}));
  EXPECT_NE(traceOf("r-2").find("user=refused;result=the user is disabled"), std::string::npos)
      << traceOf("r-2");
}

TEST_F(Audit, TheSameRefusalHasOneRowAMinute) {
  usual();
  for (const char* id : {"r-1", "r-2", "r-3"}) {
    EXPECT_EQ(outcome(loginAs(id, "s-1", R"({"uid": "no good name"})")), "JIT-1202");
  }
  EXPECT_EQ(outcome(loginAs("r-4", "s-2", R"({"uid": "no good name"})")), "JIT-1202");
  EXPECT_EQ(events("correlation_id, subject"), (Lines{"r-1|s-1", "r-4|s-2"}));
  EXPECT_EQ(recent_events_.find("r-1", 10).size(), 0U);
  EXPECT_EQ(recent_events_.find("r-3", 10).size(), 1U) << "its trace is in memory";
}

TEST_F(Audit, AnExplanationLeavesNothing) {
  usual();
  ask("s-1", R"({"uid": "bob"})");
  ask("s-1", R"({"uid": "no good name"})");
  EXPECT_EQ(events("action"), Lines{});
}

TEST_F(Audit, ATransactionThatFailsLeavesNoRow) {
  usual();
  onlooker_.run("CREATE TRIGGER " + table("control.no_trace") + " BEFORE INSERT ON " +
                table("control.audit_traces") +
                " FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'");
  EXPECT_FALSE(loginAs("r-1", "s-1", R"({"uid": "bob"})").decision);
  // A refusal stands without its row.
  EXPECT_EQ(outcome(loginAs("r-2", "s-2", R"({"uid": "no good name"})")), "JIT-1202");
  EXPECT_EQ(events("action"), Lines{});
  EXPECT_EQ(count("corp.users"), 0U);
  EXPECT_EQ(count("control.federated_identities"), 0U);
}

TEST_F(Audit, AnUnchangedLoginIsStillOneQuery) {
  usual();
  group("CORP/writers");
  const std::string claims = R"({"uid": "bob", "groups": ["writers"]})";
  login("s-1", claims);
  login("s-1", claims);
  const auto before = onlooker_.statements();
  ASSERT_EQ(outcome(login("s-1", claims)), "unchanged");
  // A query of a prepared statement counts as one.
  EXPECT_EQ(onlooker_.statements() - before, 1U);
}

}  // namespace
}  // namespace vestibule::jit
