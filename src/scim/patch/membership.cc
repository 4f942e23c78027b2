#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/unicode.h"
#include "scim/patch/patch.h"

namespace vestibule::scim {
namespace {

/// Collects values in order, each once.
class DistinctValues {
 public:
  void add(const std::string& value) {
    if (seen_.insert(value).second) values_.push_back(value);
  }
  std::vector<std::string> take() { return std::move(values_); }

 private:
  std::set<std::string> seen_;
  std::vector<std::string> values_;
};

tl::unexpected<Error> invalidMember(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason), "members");
}

/// The values of `value eq "x" or value eq "y" …`. False when the filter is anything else.
bool listedValues(const BoundFilter& filter, NodeIndex index, DistinctValues& values) {
  const FilterNode& node = filter.nodes[index];
  if (const auto* any = std::get_if<Or>(&node)) {
    return std::all_of(any->children.begin(), any->children.end(),
                       [&](NodeIndex child) { return listedValues(filter, child, values); });
  }
  const auto* comparison = std::get_if<Comparison>(&node);
  if (comparison == nullptr || comparison->op != CompareOp::kEq ||
      comparison->attribute.sub == nullptr || comparison->attribute.sub->name != "value" ||
      !comparison->literal.isString()) {
    return false;
  }
  values.add(*comparison->literal.string());
  return true;
}

Result<MemberStep> selectedStep(PatchOperation& operation) {
  MemberStep step;
  // A member is what its sub-attributes say, and those are immutable: other members are added, not
  // made of these.
  if (operation.verb != PatchVerb::kRemove || operation.attribute.sub != nullptr) {
    const std::string name = operation.attribute.text();
    return failure(ErrorKind::kMutability,
                   "'" + name + "': members can be added and removed, not changed", name);
  }
  DistinctValues values;
  if (listedValues(*operation.selection, operation.selection->root, values)) {
    step.kind = MemberStep::Kind::kRemove;
    step.values = values.take();
  } else {
    step.kind = MemberStep::Kind::kRemoveMatching;
    step.matching = std::move(operation.selection);
  }
  return step;
}

Result<MemberStep> stepOf(PatchOperation& operation, Tolerating tolerating) {
  if (operation.selection || operation.attribute.sub != nullptr) return selectedStep(operation);
  MemberStep step;
  const bool valued = operation.value && !operation.value->isNull();
  if (operation.verb == PatchVerb::kRemove && !valued) {
    step.kind = MemberStep::Kind::kRemoveAll;
    return step;
  }
  Result<std::vector<std::string>> values = memberValues(valued ? *operation.value : json::Value());
  if (!values) return propagate(values);
  step.values = std::move(*values);
  switch (operation.verb) {
    case PatchVerb::kAdd:
      step.kind = MemberStep::Kind::kAdd;
      break;
    case PatchVerb::kRemove:
      step.kind = MemberStep::Kind::kRemove;
      break;
    case PatchVerb::kReplace:
      // An empty list leaves no doubt of what is meant.
      step.kind = !step.values.empty() && tolerating.accepts(Tolerance::kMembersReplaceAdds)
                      ? MemberStep::Kind::kAdd
                      : MemberStep::Kind::kReplaceAll;
      break;
  }
  return step;
}

}  // namespace

Result<GroupPatch> splitMembership(const Attribute& relation,
                                   std::vector<PatchOperation> operations, Tolerating tolerating) {
  GroupPatch patch;
  for (PatchOperation& operation : operations) {
    if (operation.attribute.attribute != &relation) {
      patch.rest.push_back(std::move(operation));
      continue;
    }
    const std::size_t position = operation.position;
    Result<MemberStep> step = stepOf(operation, tolerating);
    if (!step) {
      step.error().detail = "operation " + std::to_string(position) + ": " + step.error().detail;
      return propagate(step);
    }
    const bool does_nothing = step->values.empty() && (step->kind == MemberStep::Kind::kAdd ||
                                                       step->kind == MemberStep::Kind::kRemove);
    if (!does_nothing) patch.members.push_back(std::move(*step));
  }
  return patch;
}

Result<std::vector<std::string>> memberValues(const json::Value& members) {
  if (members.isNull()) return std::vector<std::string>{};
  const json::Array single{members};
  const json::Array& list = members.isArray() ? *members.array() : single;
  DistinctValues values;
  for (const json::Value& member : list) {
    const json::Object* object = member.object();
    if (object == nullptr) return invalidMember("a member must be an object with a 'value'");
    const json::Value* value = object->findIgnoringCase("value");
    const std::string* id = value == nullptr ? nullptr : value->string();
    if (id == nullptr || id->empty()) {
      return invalidMember("a member needs the id of a resource as its 'value'");
    }
    values.add(*id);
  }
  return values.take();
}

}  // namespace vestibule::scim
