#include "store/audit_store.h"

#include <functional>

#include "contract/store/store_fixture.h"
#include "store/audit_rows.h"

namespace vestibule::store::test {
namespace {

class AuditStoreTest : public StoreTest {
 protected:
  static AuditEvent fullEvent() {
    AuditEvent event;
    event.occurred = 17;
    event.correlation_id = "r-1";
    event.action = "jit.updated";
    event.actor_id = "t1";
    event.actor_name = "gate'way";
    event.identity_provider = "idp";
    event.subject = Subject(std::string("s\0'\xff", 4));
    event.domain = AuditDomain{DomainNumber(2), DomainName("CORP")};
    event.resource = ResourceId::generate(DomainNumber(2), ResourceKind::kUser);
    event.version_before = Version(3);
    event.version_after = Version(4);
    event.code = "JIT-1401";
    event.attributes = {"title", "urn:x:department"};
    event.granted = {"wri\"ters"};
    event.revoked = {"readers"};
    event.trace = R"([{"step":"x"}])";
    return event;
  }
  void insert(const AuditEvent& event) {
    read([&](Session& session) { return insertAuditEvent(session, control(), event); });
  }
};

TEST_F(AuditStoreTest, KeepsEveryPartOfAnEvent) {
  const auto event = fullEvent();
  insert(event);
  EXPECT_EQ(row("SELECT occurred, correlation_id, action, actor_id, actor_name, idp_name, "
                "HEX(subject), domain_number, domain_name, version_before, version_after, code "
                "FROM {control}.audit_events"),
            "17|r-1|jit.updated|t1|gate'way|idp|730027FF|2|CORP|3|4|JIT-1401");
  EXPECT_EQ(row("SELECT changes FROM {control}.audit_events"),
            R"({"attributes":["title","urn:x:department"],"granted":["wri\"ters"],)"
            R"("revoked":["readers"]})");
  EXPECT_EQ(row("SELECT t.occurred, t.trace FROM {control}.audit_events e JOIN "
                "{control}.audit_traces t ON t.seq = e.seq"),
            "17|" + event.trace);
}

TEST_F(AuditStoreTest, WhatDoesNotApplyIsNull) {
  AuditEvent event;
  event.action = "a";
  insert(event);
  EXPECT_EQ(row("SELECT idp_name, subject, identity_key, domain_number, domain_name, resource_id, "
                "version_before, version_after, code, changes FROM {control}.audit_events"),
            "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {control}.audit_traces"), "0");
}

TEST_F(AuditStoreTest, ThePairIsFoundByAKeyThatDependsOnBoth) {
  EXPECT_EQ(identityKey("idp", Subject("s")).size(), 16U);
  EXPECT_NE(identityKey("idp", Subject("s")), identityKey("idps", Subject("")));
  EXPECT_NE(identityKey("idp", Subject("s")), identityKey("idp", Subject("S")));
}

/// Events at 1, 2, … with these actions; every second one is of the resource.
class AuditPagesTest : public AuditStoreTest {
 protected:
  void store(const std::vector<std::string>& actions) {
    Timestamp time = 0;
    for (const auto& action : actions) {
      AuditEvent event;
      event.occurred = ++time;
      event.correlation_id = "r-" + std::to_string(time % 2);
      event.action = action;
      event.identity_provider = time % 3 == 0 ? "other" : "idp";
      event.subject = Subject("s-" + std::to_string(time));
      if (time % 2 == 0) event.resource = resource_;
      event.trace = "[" + std::to_string(time) + "]";
      insert(event);
    }
  }
  AuditPage find(const AuditQuery& query) {
    return read([&](Session& session) { return findAuditEvents(session, control(), query); });
  }
  /// When the events of all pages occurred, `/` between pages.
  std::string walk(AuditQuery query) {
    std::string times;
    for (;;) {
      const auto page = find(query);
      for (const auto& event : page.events) times += std::to_string(event.occurred) + " ";
      if (!page.next) return times;
      times += "/ ";
      query.after = page.next;
    }
  }

  ResourceId resource_ = ResourceId::generate(DomainNumber(2), ResourceKind::kUser);
};

TEST_F(AuditPagesTest, AreNewestFirstAndAnsweredByEachFilter) {
  store({"a", "b", "a", "b", "a", "b", "a"});
  struct Case {
    const char* what;
    AuditQuery query;
    const char* times;
  };
  const auto with = [](const std::function<void(AuditQuery&)>& set) {
    AuditQuery query;
    query.count = 3;
    set(query);
    return query;
  };
  const std::vector<Case> cases = {
      {"everything", with([](auto&) {}), "7 6 5 / 4 3 2 / 1 "},
      {"a correlation id", with([](auto& q) { q.correlation_id = "r-1"; }), "7 5 3 / 1 "},
      {"a resource", with([&](auto& q) { q.resource = resource_; }), "6 4 2 "},
      {"an identity provider", with([](auto& q) { q.identity_provider = "idp"; }), "7 5 4 / 2 1 "},
      {"a pair", with([](auto& q) {
         q.identity_provider = "idp";
         q.subject = Subject("s-4");
       }),
       "4 "},
      {"a pair that is another's", with([](auto& q) {
         q.identity_provider = "other";
         q.subject = Subject("s-4");
       }),
       ""},
      {"a pair and a resource", with([&](auto& q) {
         q.identity_provider = "idp";
         q.subject = Subject("s-5");
         q.resource = resource_;
       }),
       ""},
      {"an action", with([](auto& q) { q.action = "a"; }), "7 5 3 / 1 "},
      {"an action of a resource", with([&](auto& q) {
         q.action = "a";
         q.resource = resource_;
       }),
       ""},
      {"times", with([](auto& q) {
         q.from = 3;
         q.until = 6;
       }),
       "5 4 3 "},
      {"nothing", with([](auto& q) { q.correlation_id = "r-2"; }), ""},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    EXPECT_EQ(walk(one.query), one.times);
  }
}

TEST_F(AuditPagesTest, EventsOfOneMomentAreNeitherLostNorRepeated) {
  for (int i = 0; i < 7; ++i) {
    AuditEvent event;
    event.occurred = 5;
    event.action = "a";
    insert(event);
  }
  AuditQuery query;
  query.count = 2;
  EXPECT_EQ(walk(query), "5 5 / 5 5 / 5 5 / 5 ");
}

TEST_F(AuditPagesTest, AWalkThatFindsLittleGivesAShortPageAndGoesOn) {
  makeNumbers(12'000);
  run(
      {"INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, "
       "actor_name) SELECT n, '', IF(n IN (20, 11900), 'rare', 'usual'), '', '' FROM "
       "{domain}.numbers ORDER BY n",
       "DROP TABLE {domain}.numbers"});
  AuditQuery query;
  query.action = "rare";
  EXPECT_EQ(walk(query), "11900 / 20 ");
}

TEST_F(AuditPagesTest, ComeWithTheirPartsAndWithTracesOnRequest) {
  const auto event = fullEvent();
  insert(event);
  AuditQuery query;
  query.resource = event.resource;
  auto page = find(query);
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.events.front().trace, "");
  query.traces = true;
  page = find(query);
  ASSERT_EQ(page.events.size(), 1U);
  const auto& read = page.events.front();
  EXPECT_EQ(read.occurred, event.occurred);
  EXPECT_EQ(read.correlation_id, event.correlation_id);
  EXPECT_EQ(read.action, event.action);
  EXPECT_EQ(read.actor_id, event.actor_id);
  EXPECT_EQ(read.actor_name, event.actor_name);
  EXPECT_EQ(read.identity_provider, event.identity_provider);
  EXPECT_EQ(read.subject, event.subject);
  ASSERT_TRUE(read.domain);
  EXPECT_EQ(read.domain->number, event.domain->number);
  EXPECT_EQ(read.domain->name, event.domain->name);
  EXPECT_EQ(read.resource, event.resource);
  EXPECT_EQ(read.version_before, event.version_before);
  EXPECT_EQ(read.version_after, event.version_after);
  EXPECT_EQ(read.code, event.code);
  EXPECT_EQ(read.attributes, event.attributes);
  EXPECT_EQ(read.granted, event.granted);
  EXPECT_EQ(read.revoked, event.revoked);
  EXPECT_EQ(read.trace, event.trace);
}

TEST_F(AuditPagesTest, OldTracesAndEventsAreRemovedPieceByPiece) {
  makeNumbers(2'500);
  run(
      {"INSERT INTO {control}.audit_events (seq, occurred, correlation_id, action, actor_id, "
       "actor_name) SELECT n, n, '', 'a', '', '' FROM {domain}.numbers",
       "DROP TABLE {domain}.numbers",
       "INSERT INTO {control}.audit_traces SELECT seq, occurred, '[]' FROM "
       "{control}.audit_events"});
  const auto traces = [&] {
    return write([&](Session& session) { return removeAuditTraces(session, control(), 1'501); });
  };
  EXPECT_EQ(traces(), 1'000U);
  EXPECT_EQ(row("SELECT MIN(seq) FROM {control}.audit_traces"), "1001");
  EXPECT_EQ(traces(), 500U);
  EXPECT_EQ(traces(), 0U);
  EXPECT_EQ(row("SELECT MIN(seq) FROM {control}.audit_traces"), "1501");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {control}.audit_events"), "2500");
  const auto removed =
      write([&](Session& session) { return removeAuditEvents(session, control(), 3); });
  EXPECT_EQ(removed, 2U);
  EXPECT_EQ(row("SELECT MIN(occurred) FROM {control}.audit_events"), "3");
}

}  // namespace
}  // namespace vestibule::store::test
