#pragma once
// The parts of the server that loader and bounds need: the database, the domain and what the server
// would store of a person.

#include <memory>
#include <string>

#include "base/result.h"
#include "directory/catalog.h"
#include "directory/context.h"
#include "jit/identity_provider.h"
#include "population.h"
#include "store/database.h"
#include "store/group_store.h"
#include "store/session.h"
#include "store/user_store.h"

namespace vestibule::bench {

/// What a first login stores beside the user.
struct LoginWrite {
  store::UserWrite user;
  std::string claims_digest;
};

/// An open database that holds the domain BENCH and the identity provider bench-idp. Thread-safe
/// after `open`.
class Workbench {
 public:
  /// Errors of the database; kNotFound when domain or identity provider is not there.
  [[nodiscard]] static Result<std::unique_ptr<Workbench>> open(const std::string& database_url,
                                                               const Layout& layout);

  /// A connection as the server's, but without a read time-out.
  [[nodiscard]] Result<std::unique_ptr<store::Session>> connect() const;

  [[nodiscard]] const Population& population() const { return population_; }
  /// Quoted names of the schemas.
  [[nodiscard]] const std::string& domainSchema() const { return domain_->tables().schema; }
  [[nodiscard]] std::string controlSchema() const { return database_->controlSchema(); }
  [[nodiscard]] DomainNumber domainNumber() const { return domain_->tables().number; }
  [[nodiscard]] store::IdentityProviderNumber providerNumber() const { return provider_.number; }

  /// What a SCIM POST of the person stores: the same functions as the server's.
  [[nodiscard]] Result<store::UserWrite> writeOf(const Person& person) const;
  /// The same of a loaded person, who comes from a login at `provisioned`.
  [[nodiscard]] Result<store::UserWrite> writeOfLinked(const Person& person,
                                                       Timestamp provisioned) const;
  /// What a first login of the person stores.
  [[nodiscard]] Result<LoginWrite> loginWriteOf(const Person& person) const;
  /// What is remembered of a login of the person that found nothing to change.
  [[nodiscard]] Result<std::string> digestOf(const Person& person) const;
  [[nodiscard]] Result<store::GroupWrite> writeOfGroup(std::uint64_t g) const;

 private:
  Workbench(const Layout& layout, std::unique_ptr<store::Database> database,
            std::shared_ptr<const directory::Catalog> catalog, const directory::Domain& domain);
  Result<void> loadContext();

  std::unique_ptr<store::Database> database_;
  std::shared_ptr<const directory::Catalog> catalog_;
  const directory::Domain* domain_;
  Population population_;
  directory::Context context_;
  jit::IdentityProvider provider_;
};

}  // namespace vestibule::bench
