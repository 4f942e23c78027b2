#pragma once
// Just-in-time provisioning on a real database: schemas of its own for each test, with the domains
// PRIMARY and CORP.

#include <gtest/gtest.h>
#include <mysql.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "directory/context.h"
#include "directory/domains.h"
#include "directory/groups.h"
#include "directory/provenance.h"
#include "directory/recent_events.h"
#include "directory/users.h"
#include "jit/identity_providers.h"
#include "jit/provision.h"
#include "json/parse.h"
#include "json/write.h"
#include "store/migrations.h"
#include "support/private_database.h"
#include "support/scim_schemas.h"

namespace vestibule::jit::test {

using scim::test::parsed;

/// A connection that belongs to no pool: for looking behind the server's back.
class Onlooker {
 public:
  Onlooker() : connection_(mysql_init(nullptr)) {
    const std::string& socket = vestibule::test::privateDatabaseSocket();
    if (mysql_real_connect(connection_, nullptr, "root", "", nullptr, 0, socket.c_str(), 0) ==
        nullptr) {
      throw std::runtime_error(mysql_error(connection_));
    }
  }
  ~Onlooker() { mysql_close(connection_); }
  Onlooker(const Onlooker&) = delete;
  Onlooker& operator=(const Onlooker&) = delete;

  /// The last column of the first row; 0 when there is none.
  std::uint64_t number(const std::string& sql) {
    run(sql);
    MYSQL_RES* result = mysql_store_result(connection_);
    if (result == nullptr) return 0;
    const MYSQL_ROW row = mysql_fetch_row(result);
    const unsigned last = mysql_num_fields(result) - 1;
    const std::uint64_t value = row == nullptr ? 0 : std::stoull(row[last]);
    mysql_free_result(result);
    return value;
  }

  /// The columns of each row, NULL as `-`, with `|` between them.
  std::vector<std::string> rows(const std::string& sql) {
    run(sql);
    MYSQL_RES* result = mysql_store_result(connection_);
    std::vector<std::string> lines;
    while (const MYSQL_ROW row = mysql_fetch_row(result)) {
      std::string& line = lines.emplace_back();
      for (unsigned i = 0; i < mysql_num_fields(result); ++i) {
        if (i > 0) line += '|';
        line += row[i] == nullptr ? "-" : row[i];
      }
    }
    mysql_free_result(result);
    return lines;
  }

  void run(const std::string& sql) {
    if (mysql_query(connection_, sql.c_str()) != 0) {
      throw std::runtime_error(sql + ": " + mysql_error(connection_));
    }
  }

  /// Statements that all clients together have sent, this one's questions not counted.
  std::uint64_t statements() { return number("SHOW GLOBAL STATUS LIKE 'Questions'") - ++asked_; }

 private:
  MYSQL* connection_;
  std::uint64_t asked_ = 0;
};

class JitTest : public ::testing::Test {
 protected:
  static constexpr const char* kSettings = R"("jit": {"isEnabled": true, "userstore": "CORP",
      "idpGroupSyncMethod": "OVERRIDE_ALL"})";
  /// title, a work e-mail address and groups; the user name is in `uid`.
  static constexpr const char* kClaims =
      R"("claims": {"userIdClaim": "uid", "roleClaim": "groups", "mappings": [
      {"idpClaim": "title", "attribute": "title"},
      {"idpClaim": "email", "attribute": "emails[type eq \"work\"].value"}]}, "roles": {"unmapped": "pass"})";

  JitTest() {
    store::DatabaseOptions options;
    options.url = vestibule::test::privateDatabaseUrl();
    options.schema_prefix =
        "jit" + std::to_string(::getpid()) + "_" + std::to_string(++schemas_made_);
    options.lease_wait = std::chrono::seconds(30);
    prefix_ = options.schema_prefix;
    database_ = must(store::Database::create(options));
    migrations_ = must(store::readMigrations(VESTIBULE_SOURCE_DIR "/sql"));
    must(store::migrate(*database_, migrations_,
                        json::write(policy::PolicySettings::primaryDefaults().toJson())));
    catalog_ = must(directory::CatalogWatch::start(*database_, false));
    context_.database = database_.get();
    context_.catalog = catalog_.get();
    context_.recent_events = &recent_events_;
    context_.password_hasher = &hasher_;
    context_.registry = scim::test::schemas().registry;
    context_.user_type = scim::test::schemas().user;
    context_.group_type = scim::test::schemas().group;
    providers_ = std::make_unique<IdentityProviders>(context_);
    gateway_.scopes = static_cast<std::uint8_t>(directory::Scope::kJit);
    must(directory::createDomain(context_, migrations_, parsed(R"({"name": "CORP"})")));
  }

  /// A private server goes as a whole; on another, the tables of all tests would pile up.
  ~JitTest() override {
    if (vestibule::test::otherDatabaseUrl() == nullptr) return;
    for (const auto& schema :
         onlooker_.rows("SELECT schema_name FROM information_schema.schemata WHERE schema_name "
                        "LIKE '" +
                        prefix_ + "\\_%'")) {
      onlooker_.run("DROP DATABASE `" + schema + "`");
    }
  }

  template <typename T>
  static T must(Result<T> result) {
    if (!result) {
      throw std::runtime_error(result.error().detail + " " + result.error().internal);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  /// Applies `{"name": "idp", sections}`.
  void settings(const std::string& sections, const std::string& name = "idp") {
    must(providers_->apply(parsed(R"({"name": ")" + name + "\", " + sections + "}")));
  }
  /// kClaims and the jit settings of the text.
  void jitSettings(const std::string& jit, const std::string& name = "idp") {
    settings(std::string(kClaims) + R"(, "jit": {"isEnabled": true, )" + jit + "}", name);
  }
  void usual(const std::string& name = "idp") {
    settings(std::string(kClaims) + ", " + kSettings, name);
  }
  void domainSettings(const std::string& domain, const std::string& changes) {
    must(directory::changeDomain(context_, catalog_->current()->findDomain(domain)->tables().number,
                                 parsed(R"({"settings": )" + changes + "}"), {}));
  }

  static ProvisionRequest request(const std::string& subject, std::string_view claims,
                                  const std::string& idp = "idp") {
    const json::Value document = parsed(claims);
    return {idp, Subject(subject), *document.object()};
  }
  ProvisionResult login(const std::string& subject, std::string_view claims,
                        const std::string& idp = "idp") {
    return provision(context_, *providers_, gateway_, request(subject, claims, idp));
  }
  ProvisionResult ask(const std::string& subject, std::string_view claims,
                      const std::string& idp = "idp") {
    return explain(context_, *providers_, gateway_, request(subject, claims, idp));
  }

  /// The outcome's name, or the code of the refusal.
  static std::string outcome(const ProvisionResult& result) {
    return result.decision ? std::string(nameOf(result.decision->outcome))
                           : result.decision.error().code;
  }
  /// The stored attributes of an answer without `schemas`, `userName` and what is noted of logins.
  static std::string attributes(const ProvisionResult& result) {
    json::Value document = parsed(result.decision->user->resource.document);
    document.object()->erase("schemas");
    document.object()->erase("userName");
    document.object()->erase(directory::kProvenanceSchema);
    return json::write(document);
  }
  static ResourceId idOf(const ProvisionResult& result) {
    return result.decision->user->resource.meta.id;
  }
  static std::uint64_t versionOf(const ProvisionResult& result) {
    return result.decision->user->resource.meta.version.value();
  }
  static std::string userName(const ProvisionResult& result) {
    return std::string(*parsed(result.decision->user->resource.document).stringAt("userName"));
  }
  /// Display names of the user's groups, sorted.
  static std::vector<std::string> groupsOf(const ProvisionResult& result) {
    std::vector<std::string> names;
    for (const auto& group : result.decision->user->groups) names.push_back(group.display);
    std::sort(names.begin(), names.end());
    return names;
  }

  directory::View view() {
    static const directory::Principal kEverybody;
    return must(directory::View::overAllDomains(catalog_->current(), kEverybody,
                                                "https://h.example/scim/v2", std::nullopt));
  }
  /// As a SCIM client: POST /Users, PATCH, DELETE, POST /Groups.
  ResourceId scimUser(const std::string& body) {
    return must(directory::createUser(
                    context_, view(),
                    parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], )" +
                           body + "}"),
                    {}))
        .meta.id;
  }
  void scimPatch(const ResourceId& user, const std::string& operations) {
    must(directory::patchUser(
        context_, view(), user.text(),
        parsed(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [)" +
               operations + "]}"),
        {}, {}));
  }
  void scimDelete(const ResourceId& user) {
    must(directory::deleteUser(context_, view(), user.text(), {}));
  }
  ResourceId group(const std::string& name, const std::vector<ResourceId>& members = {}) {
    json::Array list;
    for (const auto& member : members) list.emplace_back(json::Object{{"value", member.text()}});
    return must(directory::createGroup(
                    context_, view(),
                    json::Object{
                        {"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:Group"}},
                        {"displayName", name},
                        {"members", std::move(list)}},
                    {}))
        .meta.id;
  }
  void changeMembers(const ResourceId& group, const std::string& operation) {
    must(directory::patchGroup(
        context_, view(), group.text(),
        parsed(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [)" +
               operation + "]}"),
        {}, {}, false));
  }

  /// Where a table is: `control.x`, `primary.x` or `corp.x`.
  std::string table(const std::string& name) const {
    const bool corp = name.rfind("corp.", 0) == 0;
    return prefix_ + "_" + (corp ? "corp_2" + name.substr(4) : name);
  }
  std::uint64_t count(const std::string& name) {
    return onlooker_.number("SELECT COUNT(*) FROM " + table(name));
  }
  /// `If-Match: "version"`.
  static directory::Preconditions ifMatch(std::uint64_t version) {
    directory::Preconditions conditions;
    conditions.has_if_match = true;
    conditions.if_match = {"\"" + std::to_string(version) + "\""};
    return conditions;
  }
  /// Everything a login may write: rows and their versions.
  std::vector<std::uint64_t> footprint() {
    return {count("control.federated_identities"),
            onlooker_.number("SELECT COALESCE(SUM(last_synced), 0) FROM " + prefix_ +
                             "_control.federated_identities"),
            count("primary.users"),
            count("corp.users"),
            count("corp.memberships"),
            count("corp.idp_grants"),
            onlooker_.number("SELECT COALESCE(SUM(version), 0) FROM " + table("corp.users")),
            onlooker_.number("SELECT COALESCE(SUM(version), 0) FROM " + table("corp.user_groups"))};
  }

  std::string prefix_;
  std::unique_ptr<store::Database> database_;
  store::MigrationSet migrations_;
  std::unique_ptr<directory::CatalogWatch> catalog_;
  directory::PasswordHasher hasher_;
  directory::Context context_;
  std::unique_ptr<IdentityProviders> providers_;
  directory::RecentEvents recent_events_;
  directory::Principal gateway_;
  Onlooker onlooker_;

 private:
  static inline int schemas_made_ = 0;
};

}  // namespace vestibule::jit::test
