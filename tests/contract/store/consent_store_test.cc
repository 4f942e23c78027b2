#include "store/consent_store.h"

#include <algorithm>

#include "base/crypto.h"
#include "contract/store/store_fixture.h"
#include "store/audit_event.h"
#include "store/federated_identity_store.h"
#include "support/hostile_texts.h"

namespace vestibule::store::test {
namespace {

class ConsentStoreTest : public StoreTest {
 protected:
  static ReceiptId receiptId() {
    ReceiptId id{};
    fillRandom(id.data(), id.size());
    return id;
  }
  static ConsentRecord recordOf(std::vector<ConsentDecision> decisions, Timestamp created = 100) {
    return {std::move(decisions), {receiptId(), "okta", R"({"version":"KI-CR-v1.1.0"})", created}};
  }
  void store(const ResourceId& user, const ConsentRecord& record) {
    write([&](Session& session) { return storeConsent(session, control(), user, record); });
  }
  /// `purpose@version attribute=consent` of each decision.
  std::vector<std::string> decisions(const ResourceId& user) {
    std::vector<std::string> lines;
    for (const auto& one :
         read([&](Session& session) { return findConsentDecisions(session, control(), user); })) {
      lines.push_back(std::to_string(one.purpose) + "@" + std::to_string(one.version) + " " +
                      one.attribute + "=" + std::to_string(static_cast<int>(one.consent)));
    }
    return lines;
  }
  std::vector<StoredReceipt> receipts(const ReceiptQuery& query) {
    return read([&](Session& session) { return listReceipts(session, control(), query); });
  }
  std::optional<StoredReceipt> receipt(const ReceiptId& id) {
    return read([&](Session& session) { return findReceipt(session, control(), id); });
  }
  Result<std::vector<ConsentDecision>> revoke(const StoredReceipt& found, Timestamp moment) {
    return database().write(
        [&](Session& session) { return revokeReceipt(session, control(), found, moment); });
  }
  /// The first login of a user.
  Result<void> login(const NewUser& user, const ConsentRecord& record) {
    FederatedIdentity identity;
    identity.identity_provider = 3;
    identity.subject = Subject(user.meta.id.text());
    identity.user = user.meta.id;
    identity.claims_digest = std::string(32, 'd');
    identity.user_version = Version(1);
    LoginRecord kept;
    kept.consent = record;
    kept.audit.emplace();
    kept.audit->action = "jit.created";
    kept.audit->trace = "[]";
    return database().write([&](Session& session) {
      return insertProvisionedUser(session, control(), domain(), user.meta, user.write, identity,
                                   {}, kept);
    });
  }
  /// A user, with what its first login leaves.
  ResourceId provision(const std::string& name, const ConsentRecord& record) {
    const auto user = userOf(R"({"userName":")" + name + "\"}");
    valueOf(login(user, record));
    return user.meta.id;
  }
};

TEST_F(ConsentStoreTest, DecisionsComeBackByPurposeAndAttribute) {
  const auto user = addUser("ann");
  store(user, recordOf({{2, 1, "title", Consent::kRefused},
                        {1, 4, "", Consent::kAgreed},
                        {2, 1, "emails", Consent::kAgreed}}));
  EXPECT_EQ(decisions(user), (std::vector<std::string>{"1@4 =1", "2@1 emails=1", "2@1 title=0"}));
  EXPECT_TRUE(decisions(addUser("bob")).empty());
}

TEST_F(ConsentStoreTest, ALaterAnswerReplacesTheEarlierOne) {
  const auto user = addUser("ann");
  const auto first =
      recordOf({{2, 1, "emails", Consent::kRefused}, {2, 1, "title", Consent::kAgreed}});
  store(user, first);
  const auto second = recordOf({{2, 3, "emails", Consent::kAgreed}}, 200);
  store(user, second);
  EXPECT_EQ(decisions(user), (std::vector<std::string>{"2@3 emails=1", "2@1 title=1"}));
  const auto stored =
      read([&](Session& session) { return findStoredDecisions(session, control(), user); });
  EXPECT_EQ(stored[0].receipt, second.receipt.id);
  EXPECT_EQ(stored[0].decided, 200);
  EXPECT_EQ(stored[1].receipt, first.receipt.id);
}

TEST_F(ConsentStoreTest, HostileTextsComeBackAsTheyAre) {
  for (const auto& text : vestibule::test::hostileTexts()) {
    if (text.size() > 255) continue;
    SCOPED_TRACE(testing::PrintToString(text));
    const auto user = addUser(userOf(R"({"userName":"u)" + std::to_string(text.size()) + "x" +
                                     std::to_string(std::hash<std::string>{}(text)) + "\"}"));
    auto record = recordOf({{2, 1, text, Consent::kAgreed}});
    record.receipt.document = record.receipt.identity_provider = text;
    store(user, record);
    const auto found = receipt(record.receipt.id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->receipt.document, text);
    EXPECT_EQ(found->receipt.identity_provider, text);
    EXPECT_EQ(found->user, user);
    EXPECT_EQ(decisions(user), (std::vector<std::string>{"2@1 " + text + "=1"}));
  }
}

TEST_F(ConsentStoreTest, ReceiptsAreListedOldestFirstAndPageByPage) {
  const auto ann = addUser("ann");
  const auto bob = addUser("bob");
  std::vector<ReceiptId> of_ann;
  // Of one moment more than one: the id goes on where the time does not.
  for (const Timestamp created : {10, 20, 20, 20, 30}) {
    const auto record = recordOf({}, created);
    store(ann, record);
    of_ann.push_back(record.receipt.id);
    store(bob, recordOf({}, created));
  }
  std::sort(of_ann.begin() + 1, of_ann.end() - 1);
  std::vector<ReceiptId> seen;
  ReceiptQuery query{ann, {}, 2};
  for (auto page = receipts(query); !page.empty(); page = receipts(query)) {
    ASSERT_LE(page.size(), 2U);
    for (const auto& one : page) {
      seen.push_back(one.receipt.id);
      EXPECT_EQ(one.user, ann);
      query.after = ReceiptPosition{one.receipt.created, one.receipt.id};
    }
  }
  EXPECT_EQ(seen, of_ann);
  EXPECT_EQ(receipts({{}, {}, 100}).size(), 10U);
  EXPECT_EQ(receipts({{}, {}, 100}).front().receipt.created, 10);
}

TEST_F(ConsentStoreTest, ARevokedReceiptWithdrawsWhatItIsTheLastWordOn) {
  const auto user = addUser("ann");
  const auto first = recordOf({{2, 1, "emails", Consent::kAgreed},
                               {2, 1, "title", Consent::kAgreed},
                               {2, 1, "photos", Consent::kRefused}});
  store(user, first);
  store(user, recordOf({{2, 2, "title", Consent::kAgreed}}, 200));
  const auto withdrawn = valueOf(revoke(*receipt(first.receipt.id), 300));
  ASSERT_EQ(withdrawn.size(), 1U);
  EXPECT_EQ(withdrawn[0].attribute, "emails");
  EXPECT_EQ(decisions(user),
            (std::vector<std::string>{"2@1 emails=2", "2@1 photos=0", "2@2 title=1"}));
  EXPECT_EQ(receipt(first.receipt.id)->revoked, 300);
  EXPECT_FALSE(receipt(receiptId()));
}

TEST_F(ConsentStoreTest, TheConsentOfALoginIsStoredWithItOrNotAtAll) {
  const auto record = recordOf({{1, 1, "", Consent::kAgreed}});
  const auto user = provision("ann", record);
  EXPECT_EQ(decisions(user), (std::vector<std::string>{"1@1 =1"}));
  EXPECT_TRUE(receipt(record.receipt.id));
  // The trace is of the event before it, whatever else was inserted.
  EXPECT_EQ(row("SELECT COUNT(*) FROM {control}.audit_events e JOIN {control}.audit_traces t ON "
                "t.seq = e.seq"),
            "1");

  const auto refused = recordOf({{1, 1, "", Consent::kAgreed}});
  const auto twin = userOf(R"({"userName":"ann"})");
  EXPECT_EQ(login(twin, refused).error().kind, ErrorKind::kUniqueness);
  EXPECT_FALSE(receipt(refused.receipt.id));
  EXPECT_TRUE(decisions(twin.meta.id).empty());
}

TEST_F(ConsentStoreTest, ADeletedUserTakesDecisionsAndReceiptsAlong) {
  const auto ann = provision("ann", recordOf({{1, 1, "", Consent::kAgreed}}));
  const auto bob = provision("bob", recordOf({{1, 1, "", Consent::kAgreed}}));
  write([&](Session& session) -> Result<void> {
    auto locked = lockUser(session, domain(), ann, false);
    if (!locked) return propagate(locked);
    return deleteLockedUser(session, domain(), **locked, 50, audit());
  });
  EXPECT_TRUE(decisions(ann).empty());
  EXPECT_TRUE(receipts({ann, {}, 10}).empty());
  EXPECT_EQ(decisions(bob).size(), 1U);
  EXPECT_EQ(receipts({bob, {}, 10}).size(), 1U);
}

TEST_F(ConsentStoreTest, ADeletedDomainTakesThoseOfItsUsersAndNoOthers) {
  const auto ann = addUser("ann");
  store(ann, recordOf({{1, 1, "", Consent::kAgreed}}));
  const auto other = ResourceId::generate(DomainNumber(8), ResourceKind::kUser);
  for (int i = 0; i < 3; ++i) store(other, recordOf({{1, 1, "", Consent::kAgreed}}));
  write(
      [&](Session& session) { return deleteConsentOfDomain(session, control(), DomainNumber(8)); });
  EXPECT_TRUE(decisions(other).empty());
  EXPECT_TRUE(receipts({other, {}, 10}).empty());
  EXPECT_EQ(decisions(ann).size(), 1U);
  EXPECT_EQ(receipts({{}, {}, 10}).size(), 1U);
}

}  // namespace
}  // namespace vestibule::store::test
