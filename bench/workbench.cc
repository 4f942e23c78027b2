#include "workbench.h"

#include "app/resources.h"
#include "directory/groups.h"
#include "directory/provenance.h"
#include "directory/provisioned_users.h"
#include "directory/users.h"
#include "jit/mapping.h"
#include "jit/prompt_plan.h"
#include "jit/roles.h"
#include "json/parse.h"
#include "scim/resource/validate.h"

namespace vestibule::bench {
namespace {

tl::unexpected<Error> missing(std::string_view what, std::string_view name) {
  return failure(ErrorKind::kNotFound, "the database has no " + std::string(what) + " " +
                                           std::string(name) + "; scripts/bench makes it");
}

/// Notes in the attributes that a login at `time` made the person.
void noteLogin(const scim::ResourceType& user_type, const Person& person, Timestamp time,
               json::Object& attributes) {
  directory::noteProvision(user_type,
                           {std::string(kIdentityProvider), Subject(std::string(person.subject()))},
                           time, time, attributes);
}

}  // namespace

Workbench::Workbench(const Layout& layout, std::unique_ptr<store::Database> database,
                     std::shared_ptr<const directory::Catalog> catalog,
                     const directory::Domain& domain)
    : database_(std::move(database)),
      catalog_(std::move(catalog)),
      domain_(&domain),
      population_(layout, domain.tables().number) {}

Result<std::unique_ptr<Workbench>> Workbench::open(const std::string& database_url,
                                                   const Layout& layout) {
  store::DatabaseOptions options;
  options.url = database_url;
  options.read_seconds = 0;
  auto database = store::Database::create(options);
  if (!database) return propagate(database);
  auto watch = directory::CatalogWatch::start(**database, false);
  if (!watch) return propagate(watch);
  auto catalog = (*watch)->current();
  const auto* domain = catalog->findDomain(kDomain);
  if (domain == nullptr) return missing("domain", kDomain);
  std::unique_ptr<Workbench> bench(
      new Workbench(layout, *std::move(database), std::move(catalog), *domain));
  if (auto loaded = bench->loadContext(); !loaded) return propagate(loaded);
  return bench;
}

Result<void> Workbench::loadContext() {
  auto folder = app::resourceFolder("scim-schemas");
  if (!folder) return propagate(folder);
  auto files = app::readSchemaFiles(*folder);
  if (!files) return propagate(files);
  auto registry = scim::Registry::load(*files);
  if (!registry) return propagate(registry);
  context_.registry = *std::move(registry);
  context_.user_type = context_.registry->findResourceType("User");
  context_.group_type = context_.registry->findResourceType("Group");
  context_.database = database_.get();

  const auto* row = catalog_->findIdentityProvider(kIdentityProvider);
  if (row == nullptr) return missing("identity provider", kIdentityProvider);
  auto provider = jit::compileIdentityProvider(*context_.registry, *context_.user_type, *row);
  if (!provider) return propagate(provider);
  provider_ = *std::move(provider);
  return {};
}

Result<std::unique_ptr<store::Session>> Workbench::connect() const {
  return store::Session::connect(database_->options());
}

Result<store::UserWrite> Workbench::writeOf(const Person& person) const {
  auto body = json::parse(scimUser(person));
  if (!body) return propagate(body);
  auto valid = scim::validateCreate(*context_.registry, *context_.user_type, *body);
  if (!valid) return propagate(valid);
  return directory::prepareUserWrite(context_, *domain_, valid->attributes, true);
}

Result<store::UserWrite> Workbench::writeOfLinked(const Person& person,
                                                  Timestamp provisioned) const {
  auto body = json::parse(scimUser(person));
  if (!body) return propagate(body);
  auto valid = scim::validateCreate(*context_.registry, *context_.user_type, *body);
  if (!valid) return propagate(valid);
  noteLogin(*context_.user_type, person, provisioned, valid->attributes);
  return directory::prepareUserWrite(context_, *domain_, valid->attributes, true);
}

Result<std::string> Workbench::digestOf(const Person& person) const {
  auto parsed = json::parse(claims(person));
  if (!parsed) return propagate(parsed);
  jit::Trace trace;
  auto mapped = jit::mapClaims(provider_, {provider_.attribute_sync}, jit::LoginKind::kCreates,
                               *parsed->object(), trace);
  if (!mapped) return propagate(mapped);
  auto wanted = jit::wantedGroups(provider_, *catalog_, *domain_, *parsed->object(), trace);
  if (!wanted) return propagate(wanted);
  const std::string group = population_.groupId(1 + person.department).text();
  // No wanted group is missing, so the revision of group names does not count.
  return jit::claimsDigest(provider_, *mapped, *wanted, {group}, 0,
                           jit::termsOf(*context_.user_type, provider_, {}));
}

Result<LoginWrite> Workbench::loginWriteOf(const Person& person) const {
  auto parsed = json::parse(claims(person));
  if (!parsed) return propagate(parsed);
  jit::Trace trace;
  auto mapped = jit::mapClaims(provider_, {provider_.attribute_sync}, jit::LoginKind::kCreates,
                               *parsed->object(), trace);
  if (!mapped) return propagate(mapped);
  auto attributes =
      jit::newUserAttributes(*context_.registry, *context_.user_type, person.userName(), *mapped);
  if (!attributes) return propagate(attributes);
  noteLogin(*context_.user_type, person, now(), *attributes);
  auto write = directory::checkProvisionedUser(context_, *domain_, *attributes);
  if (!write) return propagate(write);
  auto digest = digestOf(person);
  if (!digest) return propagate(digest);
  return LoginWrite{*std::move(write), *std::move(digest)};
}

Result<store::GroupWrite> Workbench::writeOfGroup(std::uint64_t g) const {
  json::Object body{{"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:Group"}},
                    {"displayName", population_.groupName(g)}};
  auto valid = scim::validateCreate(*context_.registry, *context_.group_type, body);
  if (!valid) return propagate(valid);
  return directory::prepareGroupWrite(context_, *domain_, valid->attributes, true);
}

}  // namespace vestibule::bench
