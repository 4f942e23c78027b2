#include "directory/user_rewrite.h"

#include <algorithm>

#include "directory/users.h"

namespace vestibule::directory {

Result<std::optional<store::UserRewrite>> rewriteUser(const Context& context, const Domain& domain,
                                                      const scim::ResourceMeta& meta,
                                                      const json::Object& current,
                                                      const json::Object& edited, Timestamp time) {
  if (edited == current) return std::optional<store::UserRewrite>();
  auto write = prepareUserWrite(context, domain, edited, false);
  if (!write) return propagate(write);
  auto before = userKeys(context, domain, current);
  if (!before) return propagate(before);
  store::UserRewrite rewrite{meta, *std::move(write), *std::move(before)};
  rewrite.meta.version = Version(meta.version.value() + 1);
  rewrite.meta.modified = std::max(time, meta.modified);
  return std::optional<store::UserRewrite>(std::move(rewrite));
}

}  // namespace vestibule::directory
