// Secrets of the control schema at rest: sealed when there are keys, read by whoever has the key,
// and sealed anew when keys change.

#include "store/sealing.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "base/encoding.h"
#include "contract/store/control_fixture.h"
#include "store/event_key_store.h"
#include "store/event_stream_store.h"
#include "store/outbound_target_store.h"
#include "store/secret_store.h"

namespace vestibule::store::test {
namespace {

const std::string kKeyOne = toBase64(std::string(32, '1'));
const std::string kKeyTwo = toBase64(std::string(32, '2'));

class SealingTest : public ControlTest {
 protected:
  /// The database as a server with these keys has it; without any, as `text` is empty.
  std::unique_ptr<Database> with(const std::string& text) {
    auto options = options_;
    if (!text.empty()) {
      auto keys = SecretKeys::parse(text);
      if (!keys) throw std::runtime_error(keys.error().detail);
      options.secret_keys = std::make_shared<const SecretKeys>(*std::move(keys));
    }
    return databaseWith(options);
  }

  /// Stores a secret of each kind; `suffix` tells those of several calls apart.
  void storeSome(Database& database, const std::string& suffix) {
    EventStreamText stream;
    stream.settings = "{}";
    stream.authorization = "Bearer stream-" + suffix;
    stream.signing_secret = "signing-secret-" + suffix;
    OutboundTargetText target;
    target.settings = "{}";
    target.secret = "target-" + suffix;
    OutboundTargetText open;
    open.settings = "{}";
    const AuditEvent event;
    const auto stored = database.write([&](Session& session) -> Result<void> {
      for (const auto& done :
           {insertEventStream(session, control_, "s-" + suffix, stream, {}, event),
            insertOutboundTarget(session, control_, "t-" + suffix, target, event),
            insertOutboundTarget(session, control_, "open-" + suffix, open, event)}) {
        if (!done) return done;
      }
      return {};
    });
    ASSERT_TRUE(stored) << stored.error().internal;
  }

  static ControlRows rowsOf(Database& database) {
    auto rows = database.read(
        [&](Session& session) { return readControlRows(session, database.controlSchema()); });
    if (!rows) throw std::runtime_error(rows.error().internal);
    return *std::move(rows);
  }

  /// What is read of the secrets that storeSome has stored.
  static void expectReadable(Database& database, const std::string& suffix) {
    const auto rows = rowsOf(database);
    for (const auto& row : rows.event_streams) {
      if (row.name != "s-" + suffix) continue;
      EXPECT_EQ(row.secret_fault, "");
      EXPECT_EQ(row.text.authorization, "Bearer stream-" + suffix);
      EXPECT_EQ(row.text.signing_secret, "signing-secret-" + suffix);
    }
    for (const auto& row : rows.outbound_targets) {
      EXPECT_EQ(row.secret_fault, "");
      if (!row.name.ends_with("-" + suffix)) continue;
      EXPECT_EQ(row.text.secret, row.name == "t-" + suffix ? "target-" + suffix : "");
    }
  }

  static SealCounts countsOf(Database& database) {
    auto counts = database.read(
        [&](Session& session) { return countSecrets(session, database.controlSchema()); });
    if (!counts) throw std::runtime_error(counts.error().internal);
    return *counts;
  }

  static Result<std::uint64_t> seal(Database& database, const SecretKeys& keys) {
    AuditEvent event;
    event.action = "secrets.sealed";
    return database.write([&](Session& session) {
      return sealSecrets(session, database.controlSchema(), keys, event);
    });
  }

  static Result<LostKeys> lostOf(Database& database) {
    return database.read(
        [&](Session& session) { return findLostKeys(session, database.controlSchema()); });
  }

  static Result<std::uint64_t> discard(Database& database, const std::set<std::string>& under) {
    AuditEvent event;
    event.action = "secrets.discarded";
    return database.write([&](Session& session) {
      return discardLostKeys(session, database.controlSchema(), under, event);
    });
  }

  static std::string sharedOf(Database& database) {
    auto secret = sharedSecret(database, "list-cursor");
    if (!secret) throw std::runtime_error(secret.error().detail);
    return std::string(secret->exposeSecret());
  }

  static std::string eventKeyOf(Database& database) {
    auto keys = database.read(
        [&](Session& session) { return readEventKeys(session, database.controlSchema()); });
    if (!keys) throw std::runtime_error(keys.error().detail);
    return keys->back().secret;
  }

  void addEventKey(Database& database) {
    const auto added = database.write([&](Session& session) {
      return addFirstEventKey(session, control_, std::string(32, 'e'), 1);
    });
    ASSERT_TRUE(added) << added.error().internal;
  }

  /// How many secrets of storeSome can be read in the tables, which is where a thief looks.
  std::string readable() {
    return value(
        "SELECT (SELECT COUNT(*) FROM {control}.event_streams WHERE authorization_value LIKE "
        "'%stream-%') + (SELECT COUNT(*) FROM {control}.event_streams WHERE signing_secret LIKE "
        "'%signing-secret-%') + (SELECT COUNT(*) FROM {control}.outbound_targets WHERE secret LIKE "
        "'%target-%') + (SELECT COUNT(*) FROM {control}.event_keys WHERE secret LIKE '%eeee%')");
  }
};

TEST_F(SealingTest, OfADatabaseWithoutKeysNothingIs) {
  auto plain = with("");
  storeSome(*plain, "a");
  addEventKey(*plain);
  expectReadable(*plain, "a");
  EXPECT_EQ(readable(), "4");
  const auto shared = sharedOf(*plain);
  EXPECT_EQ(shared.size(), 32U);
  const auto counts = countsOf(*plain);
  EXPECT_EQ(counts.clear, 5U);
  EXPECT_EQ(counts.total(), 5U) << "a target without authentication has none";
}

TEST_F(SealingTest, WhatIsStoredWithAKeyIsReadByWhoeverHasItAndByNobodyElse) {
  auto keeper = with(kKeyOne);
  storeSome(*keeper, "a");
  addEventKey(*keeper);
  const auto shared = sharedOf(*keeper);
  EXPECT_EQ(readable(), "0");
  EXPECT_EQ(countsOf(*keeper).current, 5U);
  expectReadable(*with(kKeyTwo + "\n" + kKeyOne), "a");
  EXPECT_EQ(sharedOf(*with(kKeyOne)), shared);
  EXPECT_EQ(eventKeyOf(*keeper), std::string(32, 'e'));

  for (const auto& other : {std::string(), kKeyTwo}) {
    auto stranger = with(other);
    const auto rows = rowsOf(*stranger);
    ASSERT_EQ(rows.event_streams.size(), 1U) << "the rest of the catalog is there all the same";
    const auto& stream = rows.event_streams.front();
    EXPECT_NE(stream.secret_fault.find("secret_key_file"), std::string::npos);
    EXPECT_FALSE(stream.text.authorization || stream.text.signing_secret);
    for (const auto& target : rows.outbound_targets) {
      EXPECT_EQ(target.secret_fault.empty(), target.name == "open-a");
      EXPECT_EQ(target.text.secret, "");
    }
    const auto secret = sharedSecret(*stranger, "list-cursor");
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().kind, ErrorKind::kUnavailable);
    EXPECT_FALSE(
        stranger->read([&](Session& session) { return readEventKeys(session, control_); }));
    EXPECT_EQ(countsOf(*stranger).unknown, 5U);
    const auto sealed = seal(*stranger, *SecretKeys::parse(kKeyTwo));
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().kind, ErrorKind::kConflict);
  }
  expectReadable(*keeper, "a");
}

TEST_F(SealingTest, KeysAreIntroducedRotatedAndTakenAway) {
  auto plain = with("");
  storeSome(*plain, "a");
  addEventKey(*plain);
  const auto shared = sharedOf(*plain);

  auto first = with(kKeyOne);
  expectReadable(*first, "a");
  storeSome(*first, "b");
  EXPECT_EQ(countsOf(*first).clear, 5U);
  EXPECT_EQ(countsOf(*first).current, 3U);
  const auto before = revision();
  EXPECT_EQ(*seal(*first, *first->options().secret_keys), 8U);
  EXPECT_EQ(countsOf(*first).current, 8U);
  EXPECT_EQ(readable(), "0");
  EXPECT_GT(revision(), before) << "every process reads them again";
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.audit_events WHERE action = 'secrets.sealed'"),
            "1");

  auto both = with(kKeyTwo + "\n" + kKeyOne);
  EXPECT_EQ(countsOf(*both).former, 8U);
  EXPECT_EQ(*seal(*both, *both->options().secret_keys), 8U);

  auto second = with(kKeyTwo);
  EXPECT_EQ(countsOf(*second).current, 8U);
  expectReadable(*second, "a");
  expectReadable(*second, "b");
  EXPECT_EQ(sharedOf(*second), shared);
  EXPECT_EQ(eventKeyOf(*second), std::string(32, 'e'));

  EXPECT_EQ(*seal(*second, SecretKeys()), 8U);
  EXPECT_EQ(countsOf(*plain).clear, 8U);
  expectReadable(*plain, "b");
  EXPECT_EQ(sharedOf(*plain), shared);
}

TEST_F(SealingTest, OnlyWhatServersMakeAnewIsDiscardedAndOnlyOfKeysThatAreNamed) {
  auto keeper = with(kKeyOne);
  storeSome(*keeper, "a");
  addEventKey(*keeper);
  const auto shared = sharedOf(*keeper);
  EXPECT_EQ(lostOf(*keeper)->count, 0U);

  auto stranger = with(kKeyTwo);
  const auto lost = lostOf(*stranger);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->count, 2U);
  ASSERT_EQ(lost->under.size(), 1U);
  EXPECT_EQ(*discard(*stranger, {"0123456789abcdef"}), 0U);
  EXPECT_EQ(sharedOf(*keeper), shared);
  EXPECT_EQ(*discard(*stranger, lost->under), 2U);
  EXPECT_NE(sharedOf(*stranger), shared) << "a new one";
  EXPECT_EQ(lostOf(*stranger)->count, 0U);
  EXPECT_EQ(countsOf(*stranger).unknown, 3U) << "what only people can give again";
}

TEST_F(SealingTest, WithoutAnyKeyNothingCountsAsLost) {
  auto keeper = with(kKeyOne);
  storeSome(*keeper, "a");
  addEventKey(*keeper);
  const auto shared = sharedOf(*keeper);
  const auto under = lostOf(*with(kKeyTwo))->under;
  auto forgetful = with("");
  const auto lost = lostOf(*forgetful);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kConflict);
  EXPECT_NE(lost.error().detail.find(*under.begin()), std::string::npos) << lost.error().detail;
  const auto before = revision();
  const auto discarded = discard(*forgetful, under);
  ASSERT_FALSE(discarded);
  EXPECT_EQ(discarded.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(sharedOf(*keeper), shared);
  EXPECT_EQ(countsOf(*keeper).current, 5U);
  // Where nothing is sealed there is nothing to be asked.
  ASSERT_TRUE(seal(*keeper, SecretKeys()));
  EXPECT_EQ(lostOf(*forgetful)->count, 0U);
}

TEST_F(SealingTest, AChangedTargetOrStreamIsSealedToo) {
  auto keeper = with(kKeyOne);
  storeSome(*keeper, "a");
  const auto rows = rowsOf(*keeper);
  auto stream = rows.event_streams.front();
  stream.text.signing_secret = "signing-secret-new";
  auto target = rows.outbound_targets.front();
  target.text.secret = "target-new";
  const AuditEvent event;
  const auto changed = keeper->write([&](Session& session) -> Result<void> {
    auto done =
        updateEventStream(session, control_, stream.number, stream.version, stream.text, {}, event);
    if (!done) return done;
    return updateOutboundTarget(session, control_, target.number, target.version, target.text,
                                event);
  });
  ASSERT_TRUE(changed) << changed.error().internal;
  EXPECT_EQ(readable(), "0");
  const auto after = rowsOf(*keeper);
  EXPECT_EQ(after.event_streams.front().text.signing_secret, "signing-secret-new");
  EXPECT_EQ(after.event_streams.front().text.authorization, "Bearer stream-a");
  EXPECT_EQ(after.outbound_targets.front().text.secret, "target-new");
}

TEST_F(SealingTest, TheLongestSecretsFit) {
  auto keeper = with(kKeyOne);
  EventStreamText stream;
  stream.settings = "{}";
  stream.authorization = std::string(4'000, 'a');
  stream.signing_secret = std::string(255, 's');
  OutboundTargetText target;
  target.settings = "{}";
  target.secret = std::string(4'096, 't');
  const AuditEvent event;
  const auto stored = keeper->write([&](Session& session) -> Result<void> {
    auto done = insertEventStream(session, control_, "s", stream, {}, event);
    if (!done) return done;
    return insertOutboundTarget(session, control_, "t", target, event);
  });
  ASSERT_TRUE(stored) << stored.error().internal;
  const auto rows = rowsOf(*keeper);
  EXPECT_EQ(rows.event_streams.front().text, stream);
  EXPECT_EQ(rows.outbound_targets.front().text.secret, target.secret);
}

}  // namespace
}  // namespace vestibule::store::test
