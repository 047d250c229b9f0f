//! Claims, plan, compute, judge: the verdict on one document or many
