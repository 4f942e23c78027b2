#pragma once
// Two installations on one server, of which the first has a domain with something in every table
// that a backup has to carry.

#include <string>
#include <vector>

#include "base/resource_id.h"
#include "contract/store/control_fixture.h"
#include "store/backup.h"
#include "store/backup_stream.h"
#include "store/restore.h"

namespace vestibule::store::test {

/// A backup in memory.
using Records = std::vector<BackupRecord>;

inline BackupSource sourceOf(const Records& records, std::size_t stop_at = SIZE_MAX) {
  return
      [&records, stop_at, next = std::size_t{0}]() mutable -> Result<std::optional<BackupRecord>> {
        if (next == stop_at) return failure(ErrorKind::kUnavailable, "stopped");
        if (next == records.size()) return std::optional<BackupRecord>();
        return std::optional(records[next++]);
      };
}

inline AuditEvent eventCalled(const std::string& action) {
  AuditEvent event;
  event.occurred = now();
  event.correlation_id = action + std::to_string(event.occurred);
  event.action = action;
  event.actor_name = "cli";
  return event;
}

/// One more installation.
class OtherInstallation : public PrefixTest {
 public:
  void TestBody() override {}
  using PrefixTest::control_;
  using PrefixTest::controlRows;
  using PrefixTest::database_;
  using PrefixTest::operator_;
  using PrefixTest::options_;
  using PrefixTest::schemas;
  using PrefixTest::value;
};

class BackupTest : public ControlTest {
 protected:
  BackupTest() {
    corp_ = makeDomain("CORP");
    fill();
  }

  void fill() {
    const auto& schema = corp_.tables.schema;
    const auto number = std::uint64_t{corp_.tables.number.value()};
    run("INSERT INTO {control}.identity_providers (number, name, settings, version, created, "
        "modified) VALUES (7, 'okta', '{}', 1, 1, 1)");
    run("BEGIN");
    for (int i = 0; i < 40; ++i) {
      const auto id = ResourceId::generate(corp_.tables.number, ResourceKind::kUser);
      const auto name = "anna-" + std::to_string(i);
      const auto document = R"({"userName":")" + name + R"(","title":"O'Hara \\ \"ü€😀\" ?"})" +
                            std::string(i == 3 ? 600'000 : 0, ' ');
      run("INSERT INTO " + schema +
              ".users (seq, id, user_name_fold, user_name_case, external_id_key, version, created, "
              "modified, password_hash, document) VALUES (?, ?, ?, '', NULL, 18446744073709551615, "
              "1700000000000000, 1700000000000001, ?, ?)",
          {std::uint64_t{100} + static_cast<std::uint64_t>(i), Blob{id.bytes()}, Blob{name},
           Blob{std::string_view("\0\xff'\\", 4)}, std::string_view(document)});
      run("INSERT INTO {control}.federated_identities (idp_number, subject, user_id, "
          "claims_digest, user_version, created, last_synced) VALUES (7, ?, ?, ?, 1, 2, 3)",
          {Blob{name}, Blob{id.bytes()}, Blob{std::string_view("digest")}});
      run("INSERT INTO {control}.consent_decisions (user_id, purpose_number, attribute, version, "
          "consent, receipt_id, decided) VALUES (?, 1, '', 1, 1, ?, 5)",
          {Blob{id.bytes()}, Blob{id.bytes()}});
      run("INSERT INTO {control}.consent_receipts (id, user_id, domain_number, idp_name, document, "
          "state, created) VALUES (?, ?, ?, 'okta', '{}', 1, 5)",
          {Blob{id.bytes()}, Blob{id.bytes()}, number});
      run("INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, "
          "actor_name, domain_number, domain_name, resource_id) VALUES (?, 'c', 'user.created', "
          "'t', 't', ?, 'CORP', ?)",
          {std::int64_t{i}, number, Blob{id.bytes()}});
      if (i == 0) first_ = id;
    }
    run("INSERT INTO " + schema +
            ".user_groups (seq, id, display_name, display_name_key, version, created, modified, "
            "document) VALUES (9, ?, 'admins', 'admins', 1, 1, 1, '{}')",
        {Blob{ResourceId::generate(corp_.tables.number, ResourceKind::kGroup).bytes()}});
    run("INSERT INTO " + schema + ".memberships SELECT 9, seq, 1 FROM " + schema + ".users");
    run("INSERT INTO " + schema + ".idp_grants SELECT seq, 7, 9 FROM " + schema + ".users");
    run("INSERT INTO " + schema + ".user_attributes SELECT 1, id, seq FROM " + schema + ".users");
    run("INSERT INTO {control}.api_tokens (id, name, token_sha256, scopes, domain_numbers, "
        "created) VALUES (?, 'okta', ?, 'scim:read', ?, 1)",
        {Blob{"0123456789abcdef"}, Blob{"0123456789abcdef0123456789abcdef"},
         std::string_view("2")});
    run("COMMIT");
  }

  void run(const std::string& sql, const std::vector<Parameter>& parameters = {}) {
    runOn(operator_, control_, sql, parameters);
  }
  static void runOn(Operator& on, const std::string& control, std::string sql,
                    const std::vector<Parameter>& parameters = {}) {
    constexpr std::string_view kMark = "{control}";
    for (auto at = sql.find(kMark); at != std::string::npos; at = sql.find(kMark)) {
      sql.replace(at, kMark.size(), control);
    }
    on.run(sql, parameters);
  }

  static Result<BackupEnd> take(Database& database, const std::vector<DomainName>& domains,
                                Records* into = nullptr) {
    return takeBackup(
        database, {domains, "test", false},
        [&](const BackupRecord& record) {
          if (into != nullptr) into->push_back(record);
          return Result<void>();
        },
        nullptr);
  }
  Records backupOf(const std::vector<DomainName>& domains) {
    Records records;
    auto end = take(*database_, domains, &records);
    if (!end) throw std::runtime_error(end.error().detail + " " + end.error().internal);
    return records;
  }
  /// As an administrator deletes it: with an event.
  Result<void> removeDomain(const std::string& name) {
    auto event = eventCalled("domain.deleted");
    event.domain = AuditDomain{corp_.tables.number, DomainName(name)};
    return write([&](Session& session) {
      return deleteDomain(session, control_, DomainName(name), {}, &event);
    });
  }
  /// The counts and checksums of the domain's own tables.
  static std::vector<BackupCount> countsOf(Database& database, const DomainName& domain) {
    auto end = take(database, {domain});
    if (!end) throw std::runtime_error(end.error().detail + " " + end.error().internal);
    std::vector<BackupCount> counts;
    for (auto& count : end->tables) {
      if (count.domain) counts.push_back(std::move(count));
    }
    return counts;
  }
  Result<std::vector<BackupCount>> restoreTo(Database& database, const Records& records,
                                             bool replace = false, std::size_t stop_at = SIZE_MAX) {
    return restoreDomain(database, migrations_, kCorp, replace, sourceOf(records, stop_at),
                         eventCalled("domain.restored"), nullptr);
  }
  Result<BackupEnd> restoreAllTo(Database& database, const Records& records,
                                 std::size_t stop_at = SIZE_MAX) {
    return restoreAll(database, migrations_, "{}", sourceOf(records, stop_at),
                      eventCalled("installation.restored"), nullptr);
  }
  /// Makes the other installation, with the identity provider under another number.
  void prepareOther(bool provider = true) {
    auto migrated = migrate(*other_.database_, migrations_, "{}");
    if (!migrated) throw std::runtime_error(migrated.error().internal);
    if (!provider) return;
    runOn(other_.operator_, other_.control_,
          "INSERT INTO {control}.identity_providers (number, name, settings, version, created, "
          "modified) VALUES (31, 'okta', '{}', 1, 1, 1)");
  }

  const DomainName kCorp{"CORP"};
  OtherInstallation other_;
  DomainRow corp_;
  ResourceId first_;
};

}  // namespace vestibule::store::test
