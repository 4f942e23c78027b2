#pragma once
// A stored user that gets other attributes by the server's own doing: a login, or a change of its
// links.

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "store/user_store.h"

namespace vestibule::directory {

/// What the locked user is to be written as when it gets the attributes `edited` in place of
/// `current`, which are those of its document; nothing when they are the same. Its version is the
/// next one. Pure. Errors as prepareUserWrite; the user name is not checked, for it stays.
[[nodiscard]] Result<std::optional<store::UserRewrite>> rewriteUser(
    const Context& context, const Domain& domain, const scim::ResourceMeta& meta,
    const json::Object& current, const json::Object& edited, Timestamp time);

}  // namespace vestibule::directory
