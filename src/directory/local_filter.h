#pragma once
// A filter over several domains, as one of them understands it.

#include "directory/context.h"
#include "scim/filter/filter.h"

namespace vestibule::directory {

/// The filter with every name that is compared by `eq` or `ne` read as View::resolveName reads the
/// name of a new resource, so that what was created under a name is found by it: in the domain that
/// the name is of, the literal becomes the bare name; in every other, and for a name of no domain,
/// `eq` is false and `ne` is true. Other operators compare the name as it is shown, and stay.
[[nodiscard]] scim::BoundFilter localFilter(const scim::ResourceType& type,
                                            const scim::BoundFilter& filter, const View& view,
                                            const Domain& domain);

}  // namespace vestibule::directory
