from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('todos', '0002_index_todos_of_a_goal'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='todo',
            index=models.Index(fields=['created_at', '-id'], name='todo_of_all'),
        ),
    ]
