/// Why there is no plane, in the window's language.
#include "nn/plane_fault.h"
#include "views/landscape_state.h"

const char *landscape_why(const ViewContext *context, const Error *error) {
    static const char *const chinese[PLANE_FAULTS] = {
        [PLANE_FAULT_MEMORY] = "内存不足",
        [PLANE_FAULT_CANCELLED] = "已取消",
        [PLANE_FAULT_PARALLEL] = "两个方向相同，或其中一个为零",
        [PLANE_FAULT_DIRECTION] = "有一个方向不是有限的",
        [PLANE_FAULT_WEIGHTS] = "权重不全是有限的",
        [PLANE_FAULT_OTHER_WEIGHTS] = "另一组权重不全是有限的",
        [PLANE_FAULT_PATH] = "路径上的权重不全是有限的",
        [PLANE_FAULT_ONE_WEIGHT] = "只有一个权重",
        [PLANE_FAULT_ONE_ROW] = "随机方向与权重的各行等长，而权重只有一个",
        [PLANE_FAULT_ZERO] = "随机方向与权重的各行等长，而权重全为零",
        [PLANE_FAULT_SAME] = "两组权重相同",
        [PLANE_FAULT_LINE] = "路径上的点都在一条直线上或停在一处：请继续训练或加快",
        [PLANE_FAULT_SHORT] = "路径至少要有三个点：请继续训练",
        [PLANE_FAULT_LOSS] = "此处的损失不是有限的",
        [PLANE_FAULT_SAMPLES] = "没有样本",
    };
    const PlaneFault fault = plane_fault_of(error);
    if (fault == PLANE_FAULT_OTHER) return error->text;
    return view_text(context, plane_fault_text(fault), chinese[fault]);
}
