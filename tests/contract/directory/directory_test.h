#pragma once
// The use cases on a real database: schemas of its own for each test, with the domains PRIMARY and
// CORP.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "directory/context.h"
#include "directory/domains.h"
#include "directory/groups.h"
#include "directory/listing.h"
#include "directory/users.h"
#include "json/write.h"
#include "store/migrations.h"
#include "store/statement_batch.h"
#include "support/private_database.h"
#include "support/scim_schemas.h"

namespace vestibule::directory::test {

using scim::test::parsed;

inline constexpr const char* kOrigin = "https://h.example";

class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryTest() {
    store::DatabaseOptions options;
    options.url = vestibule::test::privateDatabaseUrl();
    options.schema_prefix = "dir" + std::to_string(++schemas_made_);
    options.lease_wait = std::chrono::seconds(30);
    prefix_ = options.schema_prefix;
    database_ = must(store::Database::create(options));
    const auto migrations = must(store::readMigrations(VESTIBULE_SOURCE_DIR "/sql"));
    must(store::migrate(*database_, migrations,
                        json::write(policy::PolicySettings::primaryDefaults().toJson())));
    catalog_ = must(CatalogWatch::start(*database_, false));
    context_.database = database_.get();
    context_.catalog = catalog_.get();
    context_.password_hasher = &hasher_;
    use(scim::test::schemas().registry);
    // The default takes ASCII names only.
    must(createDomain(context_, migrations, parsed(R"({"name": "CORP", "settings":
        {"UsernameJavaRegEx": "^.+$", "UsernameJavaScriptRegEx": "^.+$"}})")));
  }

  void use(std::shared_ptr<const scim::Registry> registry) {
    context_.registry = std::move(registry);
    context_.user_type = context_.registry->findResourceType("User");
    context_.group_type = context_.registry->findResourceType("Group");
  }

  template <typename T>
  static T must(Result<T> result) {
    if (!result) {
      throw std::runtime_error(result.error().detail + " " + result.error().internal);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  /// `/scim/v2`, with `?domain=` where one is given.
  View everywhere(std::optional<std::string_view> only = std::nullopt) const {
    return must(View::overAllDomains(catalog_->current(), kEverybody,
                                     std::string(kOrigin) + "/scim/v2", only));
  }
  /// `/domains/{name}/scim/v2`.
  View inDomain(const std::string& name) const {
    return must(View::ofDomain(catalog_->current(), kEverybody,
                               std::string(kOrigin) + "/domains/" + name + "/scim/v2", name));
  }

  static json::Value userBody(const std::string& name, const std::string& more = "") {
    return parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": )" +
                  json::write(json::Value(name)) + more + "}");
  }
  static json::Value groupBody(const std::string& name, const std::vector<std::string>& members) {
    json::Array list;
    for (const auto& member : members) list.emplace_back(json::Object{{"value", member}});
    return json::Object{{"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:Group"}},
                        {"displayName", name},
                        {"members", std::move(list)}};
  }
  static json::Value patchBody(const std::string& operations) {
    return parsed(
        R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [)" +
        operations + "]}");
  }

  /// Makes a user or a group, and returns its id.
  std::string user(const View& view, const std::string& name, const std::string& more = "") {
    return must(createUser(context_, view, userBody(name, more), {})).meta.id.text();
  }
  std::string group(const View& view, const std::string& name,
                    const std::vector<std::string>& members = {}) {
    return must(createGroup(context_, view, groupBody(name, members), {})).meta.id.text();
  }

  json::Value readUser(const View& view, const std::string& id) {
    return parsed(must(getUser(context_, view, id, {}, {})).body);
  }
  json::Value readGroup(const View& view, const std::string& id) {
    return parsed(must(getGroup(context_, view, id, {}, {})).body);
  }
  /// What the view shows as `display` of the group's members, sorted.
  std::vector<std::string> membersOf(const View& view, const std::string& id) {
    std::vector<std::string> names;
    const json::Value shown = readGroup(view, id);
    if (const auto* members = shown.find("members")) {
      for (const auto& member : *members->array()) {
        names.emplace_back(*member.stringAt("display"));
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  /// How many resources the filter finds.
  std::int64_t found(const View& view, ResourceKind kind, const std::string& filter) {
    ListRequest request;
    request.has_filter = true;
    request.filter = filter;
    const auto* type = kind == ResourceKind::kUser ? context_.user_type : context_.group_type;
    const json::Value list = parsed(must(listResources(context_, view, {{type, {}}}, request)));
    return *list.find("totalResults")->number()->asInt64();
  }
  std::int64_t foundUsers(const View& view, const std::string& filter) {
    return found(view, ResourceKind::kUser, filter);
  }

  /// The first column of the first row, asked behind the directory's back; `{s}` in the text stands
  /// for what the schemas' names begin with.
  std::string ask(std::string sql) {
    for (auto at = sql.find("{s}"); at != std::string::npos; at = sql.find("{s}")) {
      sql.replace(at, 3, prefix_);
    }
    auto results = must(database_->read([&](store::Session& session) {
      store::StatementBatch batch;
      batch.add(sql);
      return batch.run(session);
    }));
    const auto& rows = results.front().rows;
    return rows.empty() ? std::string() : rows.front().front().value_or("");
  }

  static inline const Principal kEverybody{};
  std::string prefix_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<CatalogWatch> catalog_;
  PasswordHasher hasher_;
  Context context_;

 private:
  static inline int schemas_made_ = 0;
};

}  // namespace vestibule::directory::test
