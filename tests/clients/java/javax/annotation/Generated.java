package javax.annotation;

/**
 * Stands for the one class of jakarta.annotation-api that the generated code names. That library is
 * on Maven Central only.
 */
public @interface Generated {
  String[] value();

  String date() default "";

  String comments() default "";
}
