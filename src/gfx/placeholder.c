typedef int gfx_empty;
