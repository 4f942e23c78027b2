#include "json/merge_patch.h"

namespace vestibule::json {

void mergePatch(Value& target, const Value& patch) {
  const Object* changes = patch.object();
  if (changes == nullptr) {
    target = patch;
    return;
  }
  if (!target.isObject()) target = Value(Object());
  Object& object = *target.object();
  for (const Member& change : *changes) {
    if (change.value.isNull()) {
      object.erase(change.key);
      continue;
    }
    Value* member = object.find(change.key);
    // A new object is merged into an empty one, so that its nulls go.
    if (member == nullptr) member = &object.set(change.key, Value());
    mergePatch(*member, change.value);
  }
}

}  // namespace vestibule::json
