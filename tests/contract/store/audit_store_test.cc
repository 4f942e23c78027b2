#include "store/audit_store.h"

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

}  // namespace
}  // namespace vestibule::store::test
