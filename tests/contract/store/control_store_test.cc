#include "store/control_store.h"

#include <future>
#include <set>

#include "base/crypto.h"
#include "base/encoding.h"
#include "contract/store/control_fixture.h"
#include "store/identity_provider_history.h"
#include "support/hostile_texts.h"

namespace vestibule::store::test {
namespace {

using vestibule::test::hostileTexts;

class ControlStoreTest : public ControlTest {
 protected:
  using Domains = std::vector<DomainName>;
  Result<IdentityProviderRow> insertProvider(const std::string& name,
                                             const std::string& settings = "{}",
                                             const Domains& domains = {}) {
    return write([&](Session& session) {
      return insertIdentityProvider(session, control_, name, settings, {domains}, {"cli"});
    });
  }
  Result<IdentityProviderRow> updateProvider(const std::string& name, std::uint64_t expected,
                                             const std::string& settings,
                                             const Domains& domains = {}) {
    return write([&](Session& session) {
      return updateIdentityProvider(session, control_, name, Version(expected), settings, {domains},
                                    {"token:ops"});
    });
  }
  Result<void> removeProvider(const std::string& name, std::optional<Version> expected = {}) {
    return write([&](Session& session) {
      return deleteIdentityProvider(session, control_, name, expected, {"cli"});
    });
  }
  /// `version by` of each version that is kept, newest first; a deletion with a `-`.
  std::vector<std::string> history(const std::string& name) {
    const auto kept = database_->read(
        [&](Session& session) { return identityProviderHistory(session, control_, name); });
    std::vector<std::string> lines;
    for (const auto& one : kept.value()) {
      lines.push_back(std::to_string(one.version.value()) + " " + one.changed_by +
                      (one.deletion ? " -" : ""));
    }
    return lines;
  }
  std::optional<std::string> settingsOf(const std::string& name, std::uint64_t version) {
    return database_
        ->read([&](Session& session) {
          return identityProviderSettingsOf(session, control_, name, Version(version));
        })
        .value();
  }
  static TokenRow token(const std::string& name) {
    TokenRow row;
    row.id = toHex(randomBytes(16));
    row.name = name;
    row.sha256 = sha256(row.id);
    row.scopes = "scim:read jit";
    row.created = 1'700'000'000'000'000;
    return row;
  }
  Result<void> insertToken(const TokenRow& row) {
    return write([&](Session& session) { return store::insertToken(session, control_, row); });
  }
  Result<bool> removeToken(const std::string& name) {
    return write([&](Session& session) { return deleteToken(session, control_, name, {}); });
  }
  /// A link of a made-up user in the domain.
  void addIdentity(std::uint64_t provider, std::uint16_t domain) {
    const auto user = ResourceId::generate(DomainNumber(domain), ResourceKind::kUser);
    const auto subject = randomBytes(8);
    operator_.run("INSERT INTO " + control_ +
                      ".federated_identities (idp_number, subject, user_id, claims_digest, "
                      "user_version, created, last_synced) VALUES (?, ?, ?, ?, 1, 1, 1)",
                  {provider, Blob{subject}, Blob{user.bytes()},
                   Blob{std::string_view("0123456789abcdef0123456789abcdef")}});
  }
  std::string identities() { return value("SELECT COUNT(*) FROM {control}.federated_identities"); }
};

TEST_F(ControlStoreTest, ADomainComesBackAsItWasStored) {
  for (const auto& text : hostileTexts()) {
    SCOPED_TRACE(testing::PrintToString(text));
    const auto row = insertDomain("CORP", text, text);
    ASSERT_TRUE(row) << row.error().internal;
    EXPECT_EQ(row->state, "creating");
    const auto rows = controlRows();
    ASSERT_EQ(rows.domains.size(), 2U);
    const auto& stored = rows.domains.back();
    EXPECT_EQ(stored.name, row->name);
    EXPECT_EQ(stored.tables.number.value(), 2U) << "the same half-made domain each time";
    EXPECT_EQ(stored.tables.schema, row->tables.schema);
    EXPECT_EQ(stored.description, text);
    EXPECT_EQ(stored.settings, text);
    EXPECT_EQ(stored.version, row->version);
    EXPECT_EQ(stored.created, row->created);
    EXPECT_EQ(stored.modified, row->modified);
  }
}

TEST_F(ControlStoreTest, NamesThatCannotBeSchemasAreRefused) {
  for (const std::string name :
       {"", "corp", "A`B", "A.B", "1A", "-A", "A B", "\xc3\x84", "A;DROP", "A/B"}) {
    SCOPED_TRACE(name);
    const auto row = insertDomain(name);
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().kind, ErrorKind::kInvalidValue);
  }
  EXPECT_FALSE(insertDomain(std::string(64, 'A')));
  EXPECT_EQ(controlRows().domains.size(), 1U);
}

TEST_F(ControlStoreTest, ATakenNameIsRefused) {
  makeDomain("CORP");
  for (const std::string name : {"CORP", "PRIMARY"}) {
    const auto row = insertDomain(name);
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().kind, ErrorKind::kUniqueness);
  }
  operator_.run("UPDATE " + control_ + ".domains SET state = 'deleting' WHERE name = 'CORP'");
  const auto row = insertDomain("CORP");
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().kind, ErrorKind::kUniqueness);
}

TEST_F(ControlStoreTest, AtTheSameTimeEachDomainGetsItsOwnNumber) {
  std::vector<std::future<Result<DomainRow>>> inserts;
  for (int i = 0; i < 8; ++i) {
    inserts.push_back(
        std::async(std::launch::async, [&, i] { return insertDomain("D" + std::to_string(i)); }));
  }
  std::set<unsigned> numbers;
  for (auto& insert : inserts) {
    const auto row = insert.get();
    ASSERT_TRUE(row) << row.error().internal;
    numbers.insert(row->tables.number.value());
  }
  EXPECT_EQ(numbers, (std::set<unsigned>{2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(ControlStoreTest, TheLastNumberIsGivenOutOnce) {
  operator_.run("UPDATE " + control_ + ".control_state SET next_domain_number = 65534");
  const auto last = insertDomain("LAST");
  ASSERT_TRUE(last) << last.error().internal;
  EXPECT_EQ(last->tables.number.value(), 65534U);
  const auto none = insertDomain("NONE");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::kConflict);
}

TEST_F(ControlStoreTest, AHalfMadeDomainIsTakenUpAgainAtEveryStage) {
  const auto first = insertDomain("CORP", "one");
  ASSERT_TRUE(first);
  const auto second = insertDomain("CORP", "two");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->tables.number, first->tables.number);
  ASSERT_TRUE(
      write([&](Session& session) { return createSchema(session, second->tables.schema); }));
  EXPECT_EQ(makeDomain("CORP").tables.number, first->tables.number);
  const auto again = write(
      [&](Session& session) { return activateDomain(session, control_, DomainName("CORP")); });
  EXPECT_TRUE(again) << "activating twice is harmless";
  EXPECT_TRUE(hasTables(first->tables));
}

TEST_F(ControlStoreTest, ADomainChangesOnlyFromTheVersionThatWasRead) {
  const auto made = makeDomain("CORP");
  const auto update = [&](DomainNumber number, Version expected) {
    return write([&](Session& session) {
      return updateDomain(session, control_, number, expected, "new", R"({"b":2})");
    });
  };
  const auto number = made.tables.number;
  const auto changed = update(number, made.version);
  ASSERT_TRUE(changed) << changed.error().internal;
  EXPECT_EQ(changed->version.value(), made.version.value() + 1);
  EXPECT_EQ(controlRows().domains.back().settings, R"({"b":2})");
  EXPECT_EQ(update(number, made.version).error().kind, ErrorKind::kVersionMismatch);
  EXPECT_EQ(update(DomainNumber(9), made.version).error().kind, ErrorKind::kNotFound);
  const auto half = insertDomain("HALF");
  ASSERT_TRUE(half);
  EXPECT_EQ(update(half->tables.number, Version(1)).error().kind, ErrorKind::kNotFound);
}

TEST_F(ControlStoreTest, ADeletedDomainTakesItsSchemaAndIdentitiesAndNoOthers) {
  const auto corp = makeDomain("CORP");
  const auto other = makeDomain("OTHER");
  for (int i = 0; i < 3; ++i) {
    addIdentity(1, corp.tables.number.value());
    addIdentity(1, other.tables.number.value());
    // A number that is ours with its bytes swapped.
    addIdentity(1, static_cast<std::uint16_t>(corp.tables.number.value() << 8));
  }
  ASSERT_TRUE(removeDomain("CORP"));
  EXPECT_EQ(identities(), "6");
  EXPECT_EQ(schemas(), (std::vector<std::string>{options_.schema_prefix + "_control",
                                                 options_.schema_prefix + "_other_3",
                                                 options_.schema_prefix + "_primary"}));
  const auto gone = removeDomain("CORP");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::kNotFound);

  const auto again = makeDomain("CORP");
  EXPECT_EQ(again.tables.number.value(), 4U) << "numbers are never used again";
  EXPECT_NE(again.tables.schema, corp.tables.schema) << "a late write or DROP cannot reach it";
  EXPECT_TRUE(hasTables(again.tables));
}

TEST_F(ControlStoreTest, TwoMakingsOfOneNameAreOneDomain) {
  std::vector<std::future<Result<DomainRow>>> makings;
  for (int i = 0; i < 4; ++i) {
    makings.push_back(std::async(std::launch::async, [&] { return createDomain("CORP"); }));
  }
  int made = 0;
  for (auto& making : makings) {
    const auto row = making.get();
    if (row) {
      ++made;
    } else {
      EXPECT_EQ(row.error().kind, ErrorKind::kUniqueness) << row.error().detail;
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(controlRows().domains.size(), 2U);
}

TEST_F(ControlStoreTest, ADomainInTheMakingIsNeitherTakenUpNorDeleted) {
  Operator maker(options_);
  const auto name = "vestibule migrates " + unquoteName(control_);
  maker.run("SELECT GET_LOCK(?, 0)", {std::string_view(name)});
  ASSERT_TRUE(insertDomain("CORP"));
  options_.read_seconds = 3;
  options_.lock_wait_seconds = 1;
  database_ = databaseWith(options_);
  EXPECT_EQ(createDomain("CORP").error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(removeDomain("CORP").error().kind, ErrorKind::kUnavailable);
  maker.run("SELECT RELEASE_LOCK(?)", {std::string_view(name)});
  EXPECT_TRUE(removeDomain("CORP")) << "what nobody makes any more can be deleted";
  EXPECT_EQ(controlRows().domains.size(), 1U);
}

TEST_F(ControlStoreTest, ASchemaThatIsNoDomainsIsNotTakenOver) {
  const auto schema = quoteName(options_.schema_prefix + "_corp_2");
  operator_.run("CREATE DATABASE " + schema);
  const auto refused = createDomain("CORP");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(controlRows().domains.size(), 1U);
  operator_.run("DROP DATABASE " + schema);
  EXPECT_TRUE(createDomain("CORP"));
}

TEST_F(ControlStoreTest, ADomainThatSettingsNameStays) {
  const auto corp = makeDomain("CORP");
  makeDomain("OTHER");
  ASSERT_TRUE(insertProvider("b", "{}", {DomainName("CORP"), DomainName("PRIMARY")}));
  ASSERT_TRUE(insertProvider("a", "{}", {DomainName("CORP")}));
  const auto refused = removeDomain("CORP");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_NE(refused.error().detail.find("CORP: a, b"), std::string::npos);
  EXPECT_EQ(controlRows().domains.at(1).state, "active");

  ASSERT_TRUE(updateProvider("a", 1, "{}", {DomainName("OTHER")}));
  EXPECT_FALSE(removeDomain("CORP"));
  ASSERT_TRUE(removeProvider("b"));
  ASSERT_TRUE(removeDomain("CORP"));
  EXPECT_FALSE(removeDomain("OTHER"));

  // And what is gone, half made or half deleted is not named any more.
  ASSERT_TRUE(insertDomain("HALF"));
  for (const char* name : {"CORP", "HALF"}) {
    const auto added = insertProvider("c", "{}", {DomainName("PRIMARY"), DomainName(name)});
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(updateProvider("a", 2, "{}", {DomainName(name)}).error().kind,
              ErrorKind::kInvalidValue);
  }
  EXPECT_EQ(controlRows().identity_providers.size(), 1U);
  EXPECT_FALSE(removeDomain("OTHER"));
}

TEST_F(ControlStoreTest, OnlyTheVersionThatWasSeenIsDeleted) {
  makeDomain("CORP");
  const auto wrong = write([&](Session& session) {
    return deleteDomain(session, control_, DomainName("CORP"), Version(2));
  });
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::kVersionMismatch);
  EXPECT_TRUE(write([&](Session& session) {
    return deleteDomain(session, control_, DomainName("CORP"), Version(1));
  }));
  ASSERT_TRUE(insertProvider("p"));
  EXPECT_EQ(removeProvider("p", Version(2)).error().kind, ErrorKind::kVersionMismatch);
  EXPECT_TRUE(removeProvider("p", Version(1)));
}

TEST_F(ControlStoreTest, ADeletionGoesOnWhereverItStopped) {
  const auto corp = makeDomain("CORP");
  operator_.run("UPDATE " + control_ + ".domains SET state = 'deleting' WHERE name = 'CORP'");
  operator_.run("DROP DATABASE " + corp.tables.schema);
  addIdentity(1, corp.tables.number.value());
  ASSERT_TRUE(removeDomain("CORP"));
  EXPECT_EQ(identities(), "0");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.migrations WHERE schema_name LIKE '%corp%'"),
            "0");
}

TEST_F(ControlStoreTest, PrimaryStays) {
  const auto refused = removeDomain("PRIMARY");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(controlRows().domains.front().state, "active");
}

TEST_F(ControlStoreTest, AnIdentityProviderIsStoredChangedAndDeleted) {
  for (const auto& text : hostileTexts()) {
    if (text.size() > 200) continue;  // longer than a name may be
    SCOPED_TRACE(testing::PrintToString(text));
    const auto made = insertProvider(text, text);
    ASSERT_TRUE(made) << made.error().internal;
    auto rows = controlRows().identity_providers;
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].number, made->number);
    EXPECT_EQ(rows[0].name, text);
    EXPECT_EQ(rows[0].settings, text);
    EXPECT_EQ(rows[0].version, Version(1));

    const auto changed = updateProvider(text, 1, "{}");
    ASSERT_TRUE(changed) << changed.error().internal;
    EXPECT_EQ(changed->number, made->number);
    EXPECT_EQ(changed->created, made->created);
    rows = controlRows().identity_providers;
    EXPECT_EQ(rows[0].settings, "{}");
    EXPECT_EQ(rows[0].version, Version(2));
    EXPECT_EQ(updateProvider(text, 1, "{}").error().kind, ErrorKind::kVersionMismatch);
    EXPECT_EQ(insertProvider(text).error().kind, ErrorKind::kUniqueness);

    ASSERT_TRUE(removeProvider(text));
    EXPECT_EQ(removeProvider(text).error().kind, ErrorKind::kNotFound);
    EXPECT_EQ(updateProvider(text, 2, "{}").error().kind, ErrorKind::kNotFound);
  }
}

TEST_F(ControlStoreTest, ADeletedIdentityProviderTakesItsIdentities) {
  const auto first = insertProvider("first");
  const auto second = insertProvider("second");
  ASSERT_TRUE(first && second);
  for (int i = 0; i < 4; ++i) addIdentity(first->number, 1);
  addIdentity(second->number, 1);
  ASSERT_TRUE(removeProvider("first"));
  EXPECT_EQ(identities(), "1");
  EXPECT_NE(insertProvider("first")->number, first->number);
}

TEST_F(ControlStoreTest, EveryVersionOfAnIdentityProviderIsKept) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(history("p"), Lines());
  ASSERT_TRUE(insertProvider("p", "one"));
  ASSERT_TRUE(insertProvider("q", "other"));
  ASSERT_TRUE(updateProvider("p", 1, "two"));
  EXPECT_FALSE(updateProvider("p", 1, "never"));
  EXPECT_FALSE(updateProvider("p", 2, "never", {DomainName("NOWHERE")}));
  EXPECT_FALSE(insertProvider("p", "never"));
  EXPECT_EQ(history("p"), (Lines{"2 token:ops", "1 cli"}));
  EXPECT_EQ(settingsOf("p", 1), "one");
  EXPECT_EQ(settingsOf("p", 2), "two");
  EXPECT_EQ(settingsOf("p", 3), std::nullopt);

  // A deletion is a version without settings, and what is made under the name goes on from there.
  ASSERT_TRUE(removeProvider("p"));
  EXPECT_EQ(settingsOf("p", 3), std::nullopt);
  const auto again = insertProvider("p", "three");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->version, Version(4));
  EXPECT_EQ(history("p"), (Lines{"4 cli", "3 cli -", "2 token:ops", "1 cli"}));
  EXPECT_EQ(history("P"), Lines());
  EXPECT_EQ(history("q"), Lines{"1 cli"});
}

TEST_F(ControlStoreTest, TheOldestVersionsOfAnIdentityProviderGo) {
  ASSERT_TRUE(insertProvider("p", "1"));
  ASSERT_TRUE(insertProvider("q", "1"));
  for (std::uint64_t version = 1; version < kKeptVersions + 3; ++version) {
    ASSERT_TRUE(updateProvider("p", version, std::to_string(version + 1)));
  }
  const auto kept = history("p");
  ASSERT_EQ(kept.size(), kKeptVersions);
  EXPECT_EQ(kept.front(), "53 token:ops");
  EXPECT_EQ(kept.back(), "4 token:ops");
  EXPECT_EQ(settingsOf("p", 3), std::nullopt);
  EXPECT_EQ(settingsOf("p", 4), "4");
  EXPECT_EQ(history("q").size(), 1U);
  ASSERT_TRUE(removeProvider("p"));
  EXPECT_EQ(history("p").size(), kKeptVersions);
}

TEST_F(ControlStoreTest, ATokenComesBackAsItWasStored) {
  auto row = token("o'brien \\ 中");
  row.domains = {DomainNumber(1), DomainNumber(65534)};
  row.expires = 1'800'000'000'000'000;
  ASSERT_TRUE(insertToken(row));
  auto plain = token("plain");
  plain.created += 1;
  ASSERT_TRUE(insertToken(plain));
  auto bound_to_none = token("bound to none");
  bound_to_none.created += 2;
  bound_to_none.domains.emplace();
  ASSERT_TRUE(insertToken(bound_to_none));
  auto of_user = token("of a user");
  of_user.created += 3;
  of_user.user = ResourceId::generate(DomainNumber(1), ResourceKind::kUser);
  ASSERT_TRUE(insertToken(of_user));

  const auto tokens = controlRows().tokens;
  ASSERT_EQ(tokens.size(), 4U);
  EXPECT_EQ(tokens[0].id, row.id);
  EXPECT_EQ(tokens[0].name, row.name);
  EXPECT_EQ(tokens[0].sha256, row.sha256);
  EXPECT_EQ(tokens[0].scopes, row.scopes);
  EXPECT_EQ(tokens[0].domains, row.domains);
  EXPECT_EQ(tokens[0].created, row.created);
  EXPECT_EQ(tokens[0].expires, row.expires);
  EXPECT_EQ(tokens[1].domains, std::nullopt);
  EXPECT_EQ(tokens[2].domains, std::vector<DomainNumber>());
  EXPECT_EQ(tokens[1].expires, std::nullopt);
  EXPECT_EQ(tokens[1].user, std::nullopt);
  EXPECT_EQ(tokens[3].user, of_user.user);

  const auto taken = insertToken(token("plain"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(taken.error().attribute, "name");
  EXPECT_EQ(removeToken("plain").value(), true);
  EXPECT_EQ(removeToken("plain").value(), false);
}

TEST_F(ControlStoreTest, ATokenWithABrokenIdOrDigestIsRefused) {
  auto broken_id = token("a");
  broken_id.id[3] = 'x';
  auto short_digest = token("b");
  short_digest.sha256.pop_back();
  for (const auto& row : {broken_id, short_digest}) {
    const auto refused = insertToken(row);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
  }
}

TEST_F(ControlStoreTest, EveryChangeRaisesTheRevisionAndNoRefusalDoes) {
  auto last = revision();
  const auto raised = [&] {
    const auto before = std::exchange(last, revision());
    return last > before;
  };
  ASSERT_TRUE(insertDomain("CORP"));
  EXPECT_TRUE(raised());
  makeDomain("CORP");
  EXPECT_TRUE(raised());
  EXPECT_FALSE(insertDomain("CORP"));
  EXPECT_FALSE(raised());
  ASSERT_TRUE(removeDomain("CORP"));
  EXPECT_TRUE(raised());
  ASSERT_TRUE(insertProvider("p"));
  EXPECT_TRUE(raised());
  EXPECT_FALSE(insertProvider("p"));
  EXPECT_FALSE(raised());
  ASSERT_TRUE(updateProvider("p", 1, "{}"));
  EXPECT_TRUE(raised());
  EXPECT_FALSE(updateProvider("p", 1, "{}"));
  EXPECT_FALSE(raised());
  ASSERT_TRUE(removeProvider("p"));
  EXPECT_TRUE(raised());
  ASSERT_TRUE(insertToken(token("t")));
  EXPECT_TRUE(raised());
  ASSERT_TRUE(removeToken("t"));
  EXPECT_TRUE(raised());
}

TEST_F(ControlStoreTest, RowsAreReadAsOneSnapshot) {
  // Each change adds a provider and a token of the same name in one transaction: a reader sees both
  // or none.
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) {
      const auto name = std::to_string(i);
      const auto id = std::string(16 - name.size(), 'x') + name;
      const auto digest = std::string(32 - name.size(), 'x') + name;
      auto session = database_->lease();
      ASSERT_TRUE(session);
      StatementBatch batch;
      batch.begin()
          .add("INSERT INTO " + control_ +
                   ".identity_providers (name, settings, version, created, modified) VALUES (?, "
                   "'{}', 1, 1, 1)",
               {std::string_view(name)})
          .add("INSERT INTO " + control_ +
                   ".api_tokens (id, name, token_sha256, scopes, created) VALUES (?, ?, ?, "
                   "'', 1)",
               {Blob{id}, std::string_view(name), Blob{digest}});
      EXPECT_TRUE(batch.commit().run(**session));
    }
    stop = true;
  });
  while (!stop) {
    const auto rows = controlRows();
    EXPECT_EQ(rows.identity_providers.size(), rows.tokens.size());
  }
  writer.join();
  EXPECT_EQ(controlRows().tokens.size(), 200U);
}

}  // namespace
}  // namespace vestibule::store::test
