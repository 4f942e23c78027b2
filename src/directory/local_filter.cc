#include "directory/local_filter.h"

#include <variant>

#include "scim/schema/comparison_key.h"

namespace vestibule::directory {
namespace {

bool comparesName(const scim::ResourceType& type, const scim::Comparison& comparison) {
  const auto& ref = comparison.attribute;
  return ref.attribute == type.naming_attribute && ref.sub == nullptr &&
         (comparison.op == scim::CompareOp::kEq || comparison.op == scim::CompareOp::kNe);
}

/// Makes the comparison one of bare names. False when no name of the domain is equal.
bool localise(const scim::ResourceType& type, const View& view, const Domain& domain,
              scim::Comparison& comparison) {
  auto local = view.resolveName(*comparison.literal.string(), type.naming_attribute->name);
  if (!local || local->domain != &domain) return false;
  comparison.literal = json::Value(std::move(local->name));
  auto key = scim::comparisonKey(*type.naming_attribute, comparison.literal);
  if (!key) return false;
  comparison.key = *std::move(key);
  return true;
}

}  // namespace

scim::BoundFilter localFilter(const scim::ResourceType& type, const scim::BoundFilter& filter,
                              const View& view, const Domain& domain) {
  scim::BoundFilter local = filter;
  for (auto& node : local.nodes) {
    auto* comparison = std::get_if<scim::Comparison>(&node);
    if (comparison == nullptr || !comparesName(type, *comparison)) continue;
    if (localise(type, view, domain, *comparison)) continue;
    // An empty `or` is false; an empty `and` is true.
    if (comparison->op == scim::CompareOp::kEq) {
      node = scim::Or{};
    } else {
      node = scim::And{};
    }
  }
  return local;
}

}  // namespace vestibule::directory
