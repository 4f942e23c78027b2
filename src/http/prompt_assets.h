#pragma once
// GET /provision/assets/{theme}/{file}: style sheets, scripts, images and fonts of themes.

#include "http/prompt_theme.h"
#include "http/router.h"

namespace vestibule::http {

/// Adds the route; needs no token. With the version of the file in `?v=` the answer may be kept for
/// a year, else it has to be asked for again, which its ETag makes cheap (304). 404 for what is no
/// file of a theme. Nothing runs in such a file when it is opened on its own. `themes` must outlive
/// the router.
void addPromptAssetRoutes(Router& router, PromptThemes& themes);

}  // namespace vestibule::http
