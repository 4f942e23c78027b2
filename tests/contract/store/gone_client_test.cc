// We are killed between sending a batch and reading its results. The database runs what it has got
// to the end: that has to come to a whole transaction, or to none.

#include <sys/socket.h>

#include <thread>

#include "contract/store/store_fixture.h"
#include "store/audit_rows.h"
#include "store/statement_text.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

const GroupEdit kKeep = [](const StoredResource&) -> Result<std::optional<GroupWrite>> {
  return std::optional<GroupWrite>();
};

class GoneClientTest : public StoreTest {
 protected:
  std::string changes() {
    return row("SELECT COUNT(*) FROM {domain}.memberships") + " members, version " +
           row("SELECT MAX(version) FROM {domain}.user_groups") + ", " +
           row("SELECT COUNT(*) FROM {control}.audit_events WHERE action = 'group.updated'") +
           " events";
  }
};

TEST_F(GoneClientTest, LeavesAMembershipWithItsVersionAndItsEventOrNone) {
  const auto member = addUser("ada");
  const auto group = addGroup("sailors");
  AuditEvent event;
  event.action = "group.updated";

  // Who holds the gap in which the membership belongs makes the batch wait at its first statement.
  auto blocker = valueOf(Session::connect(database().options()));
  StatementBatch hold;
  hold.add("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ").begin();
  hold.add("SELECT * FROM " + domain().schema + ".memberships WHERE group_seq = ? FOR UPDATE",
           {groupNumber(group)});
  valueOf(hold.run(*blocker));

  auto session = valueOf(Session::connect(database().options()));
  const auto connection = std::to_string(mysql_thread_id(session->handle()));
  const int socket = mysql_get_socket(session->handle());
  std::thread client([&] {
    const auto changed = changeGroup(*session, domain(), scim::test::teamGroupType(), group, kKeep,
                                     {{member}, {}, false}, 5, {control(), event});
    EXPECT_FALSE(changed);
    EXPECT_EQ(session->failure(), Failure::kLostInCommit);
  });
  const auto waiting =
      "SELECT COUNT(*) FROM information_schema.processlist WHERE id = " + connection +
      " AND info LIKE 'INSERT IGNORE INTO%'";
  while (row(waiting) != "1") std::this_thread::yield();
  ::shutdown(socket, SHUT_RDWR);
  client.join();
  rollback(*blocker);

  const auto there = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = " + connection;
  while (row(there) != "0") std::this_thread::yield();
  const auto now = changes();
  EXPECT_TRUE(now == "0 members, version 1, 0 events" || now == "1 members, version 2, 1 events")
      << now;
}

TEST_F(GoneClientTest, StatementsThatDependOnTheOneBeforeFailWhenItsCountIsUnknown) {
  const auto group = addGroup("sailors");
  const AuditEvent event;
  const AuditRow event_row(event);
  for (const bool raises : {true, false}) {
    auto session = valueOf(Session::connect(database().options()));
    StatementBatch batch;
    // As after a result that could not be sent, ROW_COUNT() is -1 after a query.
    batch.begin().add("SELECT 1");
    if (raises) {
      batch.add(forSchemas(sql::kRaiseGroupIfChanged, domain().schema),
                {std::int64_t{5}, groupNumber(group)});
    } else {
      event_row.addIfChangedTo(batch, control());
    }
    EXPECT_FALSE(batch.commit().run(*session));
    EXPECT_EQ(session->errorNumber(), 1048U) << session->errorMessage();
  }
  EXPECT_EQ(groupVersion(group), 1U);
}

}  // namespace
}  // namespace vestibule::store::test
