#pragma once
// A domain of its own for each test, on the private MariaDB.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/resource_id.h"
#include "json/value.h"
#include "store/audit_event.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/group_store.h"
#include "store/resource_store.h"
#include "store/session.h"
#include "store/statement_batch.h"
#include "store/user_store.h"

namespace vestibule::store::test {

/// A user as the directory would hand it to the store.
struct NewUser {
  scim::ResourceMeta meta;
  UserWrite write;
};
struct NewGroup {
  scim::ResourceMeta meta;
  GroupWrite write;
};

struct NewDevice {
  scim::ResourceMeta meta;
  ResourceWrite write;
};

/// A control schema and the schema of domain 7, both empty.
class StoreTest : public testing::Test {
 protected:
  StoreTest();

  /// Runs `function(Session&)` and gives its value; a failure fails the test and throws.
  template <typename Function>
  auto read(Function&& function) {
    return valueOf(database_->read(std::forward<Function>(function)));
  }
  template <typename Function>
  auto write(Function&& function) {
    return valueOf(database_->write(std::forward<Function>(function)));
  }
  template <typename T>
  static auto valueOf(Result<T> result) {
    if (!result) {
      ADD_FAILURE() << result.error().detail << " [" << result.error().internal << "]";
      throw std::runtime_error(result.error().detail);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  /// Runs statements one by one. `{domain}` and `{control}` are put in, here and below.
  void run(const std::vector<std::string>& statements);
  /// The rows of a query, values joined by `|`.
  std::vector<std::string> rows(std::string_view sql);
  std::string row(std::string_view sql);
  /// Makes the table `{domain}.numbers (n)` with 1 to `count`: what MariaDB and MySQL offer for
  /// that differs. Goes with a DROP TABLE of the test's.
  void makeNumbers(unsigned count);

  /// A user from the JSON of its attributes, with a new id; not stored.
  NewUser userOf(std::string_view json) const;
  /// A user of that name, stored.
  ResourceId addUser(std::string_view name);
  ResourceId addUser(const NewUser& user);
  /// A device (docs/examples/device) from the JSON of its attributes, with a new id; not stored.
  NewDevice deviceOf(std::string_view json) const;
  ResourceId addDevice(const NewDevice& device);
  /// A group with more attributes, those of the extension in support/team_schemas.h among them; not
  /// stored.
  NewGroup groupOf(std::string_view display_name, std::string_view more_json = "") const;
  ResourceId addGroup(std::string_view display_name, const std::vector<ResourceId>& members = {});
  ResourceId addGroup(const NewGroup& group, const std::vector<ResourceId>& members = {});
  /// The row number of a group.
  std::uint64_t groupNumber(const ResourceId& id);
  std::uint64_t groupVersion(const ResourceId& id);
  /// Names of a group's members, in the order of the rows.
  std::vector<std::string> memberNames(const ResourceId& group);

  Database& database() { return *database_; }
  const DomainTables& domain() const { return domain_; }
  const std::string& control() const { return control_; }
  /// An event for changes whose event does not matter.
  ChangeAudit audit() const { return {control_, event_}; }

 private:
  void make(const std::string& schema, const std::string& kind);

  std::unique_ptr<Database> database_;
  DomainTables domain_;
  std::string control_;
  AuditEvent event_;
};

/// Runs `function(i)` on `threads` threads that start together.
void inParallel(int threads, const std::function<void(int)>& function);

}  // namespace vestibule::store::test
