#include "test/fuzz/ModelMutator.h"

#include <iterator>
#include <limits>

using namespace nacre;
using namespace nacre::fuzz;

int64_t ModelMutator::number() {
  static constexpr int64_t kEdges[] = {
      0,  1,  -1,  2,         -2,        3,
      7,  64, 255, INT32_MAX, INT32_MIN, int64_t(1) << 33,
      17, 28, 100, INT64_MAX, INT64_MIN, int64_t(1) << 62};
  return oneIn(4) ? below(20) - 4 : kEdges[below(int(std::size(kEdges)))];
}

std::string ModelMutator::value(const proto::GraphProto &graph) {
  switch (below(4)) {
  case 0:
    if (graph.input_size())
      return graph.input(below(graph.input_size())).name();
    break;
  case 1:
    if (graph.initializer_size())
      return graph.initializer(below(graph.initializer_size())).name();
    break;
  case 2:
    if (graph.node_size()) {
      const proto::NodeProto &node = graph.node(below(graph.node_size()));
      if (node.output_size())
        return node.output(below(node.output_size()));
    }
    break;
  }
  return "";
}

void ModelMutator::mutate(proto::TensorProto &tensor) {
  switch (below(5)) {
  case 0:
    tensor.set_data_type(below(28));
    break;
  case 1:
    tensor.add_dims(number());
    break;
  case 2:
    if (tensor.dims_size())
      tensor.set_dims(below(tensor.dims_size()), number());
    break;
  case 3:
    if (std::string &raw = *tensor.mutable_raw_data(); !raw.empty())
      oneIn(2) ? raw.resize(raw.size() - 1)
               : (void)(raw[size_t(below(int(raw.size())))] = char(random()));
    break;
  case 4:
    tensor.set_data_location(proto::TensorProto::EXTERNAL);
    break;
  }
}

void ModelMutator::mutate(proto::ValueInfoProto &value) {
  proto::TypeProto::Tensor &type = *value.mutable_type()->mutable_tensor_type();
  proto::TensorShapeProto &shape = *type.mutable_shape();
  switch (below(5)) {
  case 0:
    type.set_elem_type(below(28));
    break;
  case 1:
    shape.add_dim()->set_dim_value(number());
    break;
  case 2:
    if (shape.dim_size())
      shape.mutable_dim(below(shape.dim_size()))->set_dim_value(number());
    break;
  case 3:
    if (shape.dim_size())
      shape.mutable_dim(below(shape.dim_size()))
          ->set_dim_param(oneIn(2) ? "N" : "M");
    break;
  case 4:
    if (shape.dim_size())
      shape.mutable_dim()->RemoveLast();
    break;
  }
}

void ModelMutator::mutate(proto::AttributeProto &attribute) {
  switch (below(6)) {
  case 0:
    attribute.set_i(number());
    break;
  case 1:
    attribute.set_f(float(number()));
    break;
  case 2:
    if (attribute.ints_size() && oneIn(2))
      attribute.set_ints(below(attribute.ints_size()), number());
    else
      attribute.add_ints(number());
    break;
  case 3:
    if (attribute.ints_size())
      attribute.mutable_ints()->RemoveLast();
    break;
  case 4:
    attribute.set_type(proto::AttributeProto::AttributeType(below(15)));
    break;
  case 5:
    if (attribute.has_g())
      mutate(*attribute.mutable_g());
    else if (attribute.has_t())
      mutate(*attribute.mutable_t());
    else
      attribute.set_s(std::string(size_t(below(5)), char(random())));
    break;
  }
}

void ModelMutator::mutate(proto::NodeProto &node,
                          const proto::GraphProto &graph) {
  switch (below(7)) {
  case 0:
    if (node.input_size())
      node.set_input(below(node.input_size()), value(graph));
    break;
  case 1:
    node.add_input(value(graph));
    break;
  case 2:
    if (node.input_size())
      node.mutable_input()->RemoveLast();
    break;
  case 3:
    // Another node's operator on the operands of this one.
    if (int count = graph.node_size())
      node.set_op_type(graph.node(below(count)).op_type());
    break;
  case 4:
    if (node.output_size())
      node.set_output(below(node.output_size()), value(graph));
    break;
  default:
    if (int count = node.attribute_size()) {
      int at = below(count);
      if (oneIn(4))
        node.mutable_attribute()->DeleteSubrange(at, 1);
      else
        mutate(*node.mutable_attribute(at));
    }
  }
}

void ModelMutator::mutate(proto::GraphProto &graph) {
  int nodes = graph.node_size();
  switch (below(8)) {
  case 0:
    if (graph.input_size())
      mutate(*graph.mutable_input(below(graph.input_size())));
    break;
  case 1:
    if (graph.initializer_size())
      mutate(*graph.mutable_initializer(below(graph.initializer_size())));
    break;
  case 2:
    if (nodes > 1)
      graph.mutable_node()->DeleteSubrange(below(nodes), 1);
    break;
  case 3:
    if (nodes > 1)
      graph.mutable_node()->SwapElements(below(nodes), below(nodes));
    break;
  default:
    if (nodes)
      mutate(*graph.mutable_node(below(nodes)), graph);
  }
}

void ModelMutator::mutate(proto::ModelProto &model) {
  if (oneIn(20) && model.opset_import_size())
    model.mutable_opset_import(below(model.opset_import_size()))
        ->set_version(below(30));
  else if (oneIn(10) && model.functions_size()) {
    proto::FunctionProto &function =
        *model.mutable_functions(below(model.functions_size()));
    if (function.node_size())
      mutate(*function.mutable_node(below(function.node_size())),
             model.graph());
  } else
    mutate(*model.mutable_graph());
}
