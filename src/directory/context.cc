#include "directory/context.h"

#include <algorithm>

#include "base/log.h"
#include "base/unicode.h"
#include "scim/resource/render.h"

namespace vestibule::directory {
namespace {

/// After how many seconds who writes to an unsettled domain may try again.
constexpr std::uint32_t kUnsettledSeconds = 5;

/// Compares by the opaque part: RFC 7644 §3.14 uses weak tags in If-Match, which RFC 9110 would
/// never match.
bool namesVersion(const std::vector<std::string>& tags, Version version) {
  const std::string current = scim::etag(version);
  std::string_view wanted = current;
  if (wanted.substr(0, 2) == "W/") wanted.remove_prefix(2);
  return std::any_of(tags.begin(), tags.end(), [&](std::string_view tag) {
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    return tag == wanted;
  });
}

}  // namespace

Result<View> View::overAllDomains(std::shared_ptr<const Catalog> catalog,
                                  const Principal& principal, std::string base_url,
                                  std::optional<std::string_view> only) {
  View view(std::move(catalog), principal, std::move(base_url));
  if (only) {
    view.only_ = view.catalog_->findDomain(*only);
    if (view.only_ == nullptr || !view.shows(*view.only_)) {
      return failure(ErrorKind::kInvalidValue,
                     "there is no user store domain \"" + printable(*only, 64) + "\"", "domain");
    }
  }
  return view;
}

Result<View> View::ofDomain(std::shared_ptr<const Catalog> catalog, const Principal& principal,
                            std::string base_url, std::string_view domain) {
  View view(std::move(catalog), principal, std::move(base_url));
  view.bare_names_ = true;
  view.only_ = view.catalog_->findDomain(domain);
  if (view.only_ == nullptr || !view.shows(*view.only_)) {
    return failure(ErrorKind::kNotFound,
                   "there is no user store domain \"" + printable(domain, 64) + "\"");
  }
  return view;
}

bool View::shows(const Domain& domain) const {
  return (only_ == nullptr || only_ == &domain) && principal_->sees(domain.tables().number) &&
         !domain.policy.settings().disabled;
}

std::vector<const Domain*> View::domains() const {
  std::vector<const Domain*> shown;
  for (const auto& domain : catalog_->domains()) {
    if (shows(*domain)) shown.push_back(domain.get());
  }
  return shown;
}

const Domain* View::soleDomain() const {
  if (only_ != nullptr) return only_;
  const bool is_bound_to_one = !principal_->all_domains && principal_->domains.size() == 1;
  return is_bound_to_one ? catalog_->findDomain(principal_->domains.front()) : nullptr;
}

const Domain* View::domainOf(const ResourceId& id) const {
  const auto* domain = catalog_->findDomain(id.domain());
  return domain != nullptr && shows(*domain) ? domain : nullptr;
}

std::string_view View::namingPrefix(const Domain& domain) const {
  return bare_names_ ? std::string_view{} : std::string_view{domain.naming_prefix};
}

Result<View::LocalName> View::resolveName(std::string_view name, std::string_view attribute) const {
  if (bare_names_) return LocalName{only_, std::string(name)};
  const auto slash = name.find('/');
  const auto* domain = &catalog_->primary();
  if (slash != std::string_view::npos && slash > 0) {
    domain = catalog_->findDomain(name.substr(0, slash));
    name.remove_prefix(slash + 1);
  } else if (only_ != nullptr) {
    domain = only_;
  }
  if (slash == std::string_view::npos && domain != nullptr &&
      !principal_->sees(domain->tables().number)) {
    return failure(
        ErrorKind::kInvalidValue,
        "a name without DOMAIN/ in front is one of PRIMARY, which this token may not use",
        std::string(attribute));
  }
  if (domain == nullptr || !principal_->sees(domain->tables().number) ||
      domain->policy.settings().disabled) {
    return failure(ErrorKind::kInvalidValue,
                   "the part before \"/\" names no user store domain of this service",
                   std::string(attribute));
  }
  if (only_ != nullptr && only_ != domain) {
    return failure(ErrorKind::kInvalidValue,
                   "the name is of domain " + domain->name().value() + ", the request is for " +
                       only_->name().value(),
                   std::string(attribute));
  }
  return LocalName{domain, std::string(name)};
}

void View::chooseTolerances(scim::Tolerances otherwise) {
  if (principal_->tolerances) {
    tolerances_ = *principal_->tolerances;
  } else if (only_ != nullptr && only_->policy.tolerances()) {
    tolerances_ = *only_->policy.tolerances();
  } else {
    tolerances_ = otherwise;
  }
}

Result<const Domain*> View::domainOfUnnamed() const {
  if (only_ != nullptr) return only_;
  const auto* primary = &catalog_->primary();
  if (shows(*primary)) return primary;
  return failure(ErrorKind::kInvalidValue,
                 "say by ?domain= in which user store domain it is to be made", "domain");
}

Result<void> Preconditions::checkWrite(Version version) const {
  if (has_if_match && !if_match_any && !namesVersion(if_match, version)) {
    return failure(ErrorKind::kVersionMismatch,
                   "the resource has been changed since: its version is " + scim::etag(version));
  }
  // Also where both fields stand (RFC 9110 §13.2.2).
  if (isNotModified(version)) {
    return failure(ErrorKind::kVersionMismatch,
                   "If-None-Match forbids this: the resource's version is " + scim::etag(version));
  }
  return {};
}

bool Preconditions::isNotModified(Version version) const {
  return has_if_none_match && (if_none_match_any || namesVersion(if_none_match, version));
}

Result<void> requireSettled(const Domain& domain) {
  if (!domain.unsettled) return {};
  const auto* what = domain.row.state == "restoring" ? " is being restored" : " is being moved";
  auto refused = failure(ErrorKind::kUnavailable, "the user store domain " + domain.name().value() +
                                                      what + "; try again later");
  refused.value().retry_after = kUnsettledSeconds;
  return refused;
}

Result<void> requireWritable(const Domain& domain) {
  if (auto settled = requireSettled(domain); !settled) return settled;
  if (!domain.policy.settings().read_only) return {};
  return failure(ErrorKind::kReadOnly,
                 "user store domain " + domain.name().value() + " is read-only");
}

Result<void> requireBareName(const Domain& domain, std::string_view name,
                             const std::string& attribute) {
  if (!domain.naming_prefix.empty() || name.find('/') == std::string_view::npos) return {};
  return failure(ErrorKind::kInvalidValue,
                 "a name in the PRIMARY domain has no \"/\": it divides domain and name",
                 attribute);
}

}  // namespace vestibule::directory
